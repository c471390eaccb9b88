import type { Body, FuzzRequest } from './request.ts';

/** So many smaller requests are tried at most. */
const tries = 150;

/** The smallest request found that still fails: parts are taken away and halved for as long as it does. */
export const minimise = async (
  failing: FuzzRequest,
  fails: (request: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> => {
  let smallest = failing;
  let left = tries;
  for (let again = true; again && left > 0; ) {
    again = false;
    for (const smaller of smallerThan(smallest)) {
      if (left === 0) break;
      left -= 1;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      again = true;
      break;
    }
  }
  return smallest;
};

function* smallerThan(request: FuzzRequest): Generator<FuzzRequest> {
  for (const name of Object.keys(request.headers)) yield { ...request, headers: without(request.headers, name) };
  for (const name of Object.keys(request.query)) yield { ...request, query: without(request.query, name) };
  for (const body of smallerBodies(request.body)) yield { ...request, body };
  for (const place of ['params', 'query'] as const) {
    for (const [name, text] of Object.entries(request[place])) {
      if (text.length > 1) yield { ...request, [place]: { ...request[place], [name]: text.slice(0, text.length / 2) } };
    }
  }
}

function* smallerBodies(body: Body | undefined): Generator<Body | undefined> {
  if (!body) return;
  yield undefined;
  if (body.kind === 'text' && body.text.length > 1) yield { ...body, text: body.text.slice(0, body.text.length / 2) };
  if (body.kind === 'json') for (const value of smallerValues(body.value, 0)) yield { ...body, value };
  if (body.kind === 'form')
    for (const name of Object.keys(body.fields)) yield { ...body, fields: without(body.fields, name) };
}

function* smallerValues(value: unknown, depth: number): Generator<unknown> {
  if (typeof value === 'string' && value.length > 1) yield value.slice(0, value.length / 2);
  if (typeof value !== 'object' || value === null || depth > 6) return;
  if (Array.isArray(value)) return yield* smallerLists(value, depth);
  const entries = Object.entries(value);
  if (entries.length > 50) yield Object.fromEntries(entries.slice(0, entries.length / 2));
  for (const [name, inner] of entries.slice(0, 50)) {
    yield without(value as Record<string, unknown>, name);
    for (const smaller of smallerValues(inner, depth + 1)) yield { ...value, [name]: smaller };
  }
}

function* smallerLists(list: readonly unknown[], depth: number): Generator<unknown> {
  const half = Math.ceil(list.length / 2);
  if (list.length > 1) yield list.slice(0, half);
  if (list.length > 0) yield list.slice(half);
  for (const [at, item] of list.slice(0, 10).entries()) {
    for (const smaller of smallerValues(item, depth + 1)) yield list.with(at, smaller);
  }
}

const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([other]) => other !== name));
