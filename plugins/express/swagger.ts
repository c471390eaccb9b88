import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { sendJson, sendText } from './answer.ts';
import { type Authorize, sameText } from './api-key.ts';
import type { Login, Settings } from './config.ts';

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

/** Mounts the document and the page that shows it. With a login configured, it asks for that, or for the API key. */
export const mountSwagger = (
  app: Express,
  { enabled, login }: Settings['swagger'],
  authorize: Authorize,
  document: () => unknown,
): void => {
  if (!enabled) return;
  const gate: RequestHandler[] = login ? [askLogin(login, authorize)] : [];
  let text: string | undefined;
  app.get('/openapi.json', ...gate, (_request: Request, response: Response) => {
    text ??= JSON.stringify(document());
    sendText(response, 200, text, 'application/json; charset=utf-8');
  });
  app.get('/', (_request, response) => response.redirect('swagger/'));
  app.get('/swagger/swagger-initializer.js', ...gate, (_request: Request, response: Response) =>
    sendText(response, 200, initializer, 'text/javascript; charset=utf-8'),
  );
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.use('/swagger', ...gate, express.static(folder, { etag: false, maxAge: '1h' }));
};

const askLogin =
  (login: Login, authorize: Authorize): RequestHandler =>
  (request, response, next) => {
    if (hasLogin(request, login) || hasKey(request, authorize)) return next();
    const headers = { 'www-authenticate': 'Basic realm="swagger", charset="UTF-8"' };
    sendJson(response, 401, { message: 'Unauthorized', statusCode: 401 }, headers);
  };

const hasLogin = (request: Request, { username, password }: Login): boolean => {
  const [scheme, encoded] = request.headers.authorization?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic' || !encoded) return false;
  return sameText(Buffer.from(encoded, 'base64').toString(), `${username}:${password}`);
};

const hasKey = (request: Request, authorize: Authorize): boolean => {
  try {
    authorize(request);
    return true;
  } catch {
    return false;
  }
};
