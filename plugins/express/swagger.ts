import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** In the package its files lie beside this one: users of it install no package of Swagger's, whose own dependency reports installations. */
const pageFolder = (): string => {
  const packed = fileURLToPath(new URL('./swagger-ui', import.meta.url));
  return existsSync(packed) ? packed : dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
};

/** The page that shows the document. With a login configured, it asks for that, or for the API key. */
export const swaggerPage = ({ login }: Settings['swagger']): Page => ({
  path: '/swagger',
  folder: pageFolder(),
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
