import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { Page } from 'waha-runtime';
import { type Authorize, sendText } from 'waha-runtime/http';
import type { Settings } from './config.ts';
import { askLogin } from './login.ts';

const initializer = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '../openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    persistAuthorization: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
  });
};
`;

/** The page that shows the document. With a login configured, it asks for that, or for the API key. */
export const swaggerPage = ({ login }: Settings['swagger']): Page => ({
  path: '/swagger',
  folder: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
  made: { 'swagger-initializer.js': { contentType: 'text/javascript', make: () => initializer } },
  // It styles its parts where they stand.
  policy: { 'style-src': ["'self'", "'unsafe-inline'"] },
  login,
  home: true,
});

/** `/-json` is where generators of clients look for the document of such a server. */
const documentPaths = ['/openapi.json', '/-json'];

/** Mounts the document, behind the same login as the page. */
export const mountDocument = (
  app: Express,
  { login }: Settings['swagger'],
  authorize: Authorize,
  document: () => unknown,
): void => {
  const gate: RequestHandler[] = login ? [askLogin(login, authorize)] : [];
  let text: string | undefined;
  app.get(documentPaths, ...gate, (_request: Request, response: Response) => {
    text ??= JSON.stringify(document());
    sendText(response, 200, text, 'application/json; charset=utf-8');
  });
};
