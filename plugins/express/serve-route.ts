import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from 'waha-runtime';
import { sendAnswer } from './answer.ts';
import { type Authorize, anyone } from './api-key.ts';
import type { Refuse } from './refusal.ts';
import { type BodyReader, type Place, requestReader } from './request-reader.ts';

/** What every route's handler shares. */
export interface ServeParts {
  readonly authorize: Authorize;
  readonly readBody: BodyReader;
  readonly refuse: Refuse;
}

/** Answers one request of a route. */
export type Serve = (request: IncomingMessage, response: ServerResponse, place: Place) => Promise<void>;

/** One route as a function. Whatever can be prepared is prepared here, not at each request. */
export const serveRoute = (route: Route, { authorize, readBody, refuse }: ServeParts): Serve => {
  const read = requestReader(route, readBody);
  const status = successStatus(route);
  const isPublic = route.access === 'public';
  return async (request, response, place) => {
    try {
      // Before the body is read: a stranger's upload is not even buffered.
      const principal = isPublic ? anyone : authorize(request);
      const received = await read(request, response, principal, place);
      try {
        await sendAnswer(request, response, status, await route.handle(received));
      } finally {
        if (received.file) await received.discard();
      }
    } catch (error) {
      refuse(error, request, response);
    }
  };
};

/** The first 2xx status a route declares, else 201 for POST and 200 for the rest. */
export const successStatus = (route: Route): number => {
  const declared = Object.keys(route.responses ?? {}).find((status) => status.startsWith('2'));
  return declared ? Number(declared) : route.method === 'POST' ? 201 : 200;
};
