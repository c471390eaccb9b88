import type { IncomingMessage } from 'node:http';
import { type Trace, traceFrom } from '../trace.ts';

const traces = new WeakMap<IncomingMessage, Trace>();

/** The trace that a request belongs to. Made when first asked for: most requests are never told of. */
export const traceOfRequest = (request: IncomingMessage): Trace => {
  const known = traces.get(request);
  if (known) return known;
  const trace = traceFrom(request.headers['traceparent']);
  traces.set(request, trace);
  return trace;
};
