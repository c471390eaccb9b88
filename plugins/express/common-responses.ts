import type { Route } from 'waha-runtime';
import { holdsFile } from 'waha-runtime/http';

type Json = Record<string, unknown>;

/** An answer that many operations have, and when they do. */
interface Common {
  readonly name: string;
  readonly status: number;
  readonly description: string;
  readonly properties: Json;
  when(route: Route): boolean;
}

const text = { type: 'string' };
const told = (status: number): Json => ({ statusCode: { type: 'integer', const: status }, error: text, message: text });

const isKept = ({ access }: Route): boolean => access !== 'public';
const isAddressed = ({ path }: Route): boolean => path.includes('{');
const takesInput = (route: Route): boolean => isAddressed(route) || Boolean(route.params ?? route.query ?? route.body);
const takesBody = ({ body }: Route): boolean => body !== undefined;

/** Every refusal that the server makes for all routes alike, or that any route may throw: declared here and nowhere else. */
const commons: readonly Common[] = [
  {
    name: 'BadRequest',
    status: 400,
    description: 'The request does not fit its schema',
    properties: {
      statusCode: { type: 'integer', const: 400 },
      error: { type: 'string', const: 'Bad Request' },
      message: { type: 'array', items: text, description: 'One sentence per violation, naming the field' },
    },
    when: takesInput,
  },
  {
    name: 'Unauthorized',
    status: 401,
    description: 'No key, or a wrong one',
    properties: { message: { type: 'string', const: 'Unauthorized' }, statusCode: { type: 'integer', const: 401 } },
    when: isKept,
  },
  {
    name: 'Forbidden',
    status: 403,
    description: 'The key is for other sessions, or may not do this',
    properties: told(403),
    when: isKept,
  },
  {
    name: 'NotFound',
    status: 404,
    description: 'What the request names does not exist',
    properties: told(404),
    when: takesInput,
  },
  { name: 'TooLarge', status: 413, description: 'The body is too large', properties: told(413), when: takesBody },
  {
    name: 'UnsupportedMediaType',
    status: 415,
    description: 'The charset or the encoding of the body is not supported',
    properties: told(415),
    when: takesBody,
  },
  {
    name: 'Unprocessable',
    status: 422,
    description: 'What is asked for is impossible as things are: the session is in another status, or WhatsApp refused',
    properties: { statusCode: { type: 'integer' }, error: text, message: text },
    when: (route) => isKept(route) && takesInput(route),
  },
  {
    name: 'TooManyRequests',
    status: 429,
    description: 'Too many files are being uploaded; `Retry-After` says when to try again',
    properties: told(429),
    when: ({ body, upload }) => upload !== undefined || holdsFile(body),
  },
  {
    name: 'Unavailable',
    status: 503,
    description: 'The connection closed during the call, or something that the operation needs does not answer',
    properties: told(503),
    when: isKept,
  },
];

/** `components.responses`. */
export const commonResponses: Json = Object.fromEntries(
  commons.map(({ name, description, properties }) => [
    name,
    { description, content: { 'application/json': { schema: { type: 'object', properties } } } },
  ]),
);

/** Those that a route may give, by status. */
export const commonResponsesOf = (route: Route): Json =>
  Object.fromEntries(
    commons.flatMap(({ name, status, when }) =>
      when(route) ? [[status, { $ref: `#/components/responses/${name}` }]] : [],
    ),
  );
