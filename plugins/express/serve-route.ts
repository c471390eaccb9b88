import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Route, withStrayErrors } from 'waha-runtime';
import { sendAnswer, sendJson } from './answer.ts';
import { type Authorize, anyone } from './api-key.ts';
import type { FormSlots } from './form-slots.ts';
import { type Refuse, serverFault } from './refusal.ts';
import { type BodyReader, type Place, requestReader } from './request-reader.ts';

/** What every route's handler shares. */
export interface ServeParts {
  readonly authorize: Authorize;
  readonly readBody: BodyReader;
  readonly refuse: Refuse;
  readonly slots: FormSlots;
}

/** Answers one request of a route. */
export type Serve = (request: IncomingMessage, response: ServerResponse, place: Place) => Promise<void>;

/** One route as a function. Whatever can be prepared is prepared here, not at each request. */
export const serveRoute = (route: Route, { authorize, readBody, refuse, slots }: ServeParts): Serve => {
  const read = requestReader(route, readBody, slots);
  const status = successStatus(route);
  const isPublic = route.access === 'public';
  const serve: Serve = async (request, response, place) => {
    // Before the body is read: a stranger's upload is not even buffered.
    const principal = isPublic ? anyone : authorize(request);
    const received = await read(request, response, principal, place);
    try {
      const answer = await route.handle(received);
      if (!response.headersSent) await sendAnswer(request, response, status, answer);
    } finally {
      await received.discard();
    }
  };
  return async (request, response, place) => {
    let failed = false;
    // An error that escaped is logged by whoever caught it last.
    const fail = (): void => {
      failed = true;
      if (response.headersSent) response.destroy();
      else sendJson(response, serverFault.status, serverFault.body);
    };
    try {
      await withStrayErrors(fail, () => serve(request, response, place));
    } catch (error) {
      if (!failed) refuse(error, request, response);
    }
  };
};

/** The first 2xx status a route declares, else 201 for POST and 200 for the rest. */
export const successStatus = (route: Route): number => {
  const declared = Object.keys(route.responses ?? {}).find((status) => status.startsWith('2'));
  return declared ? Number(declared) : route.method === 'POST' ? 201 : 200;
};
