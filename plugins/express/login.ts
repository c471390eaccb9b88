import type { Request, RequestHandler } from 'express';
import { type Authorize, sendJson } from 'waha-runtime/http';
import { sameText } from './api-key.ts';
import type { Login } from './config.ts';

/** Lets in who has the login, or a key. */
export const askLogin =
  (login: Login, authorize: Authorize): RequestHandler =>
  (request, response, next) => {
    if (hasLogin(request, login) || hasKey(request, authorize)) return next();
    const headers = { 'www-authenticate': 'Basic realm="waha", charset="UTF-8"' };
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
