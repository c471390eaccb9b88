import type { RequestHandler } from 'express';

/** What a page may load and call: this server. Attachments are shown from bytes that the page fetched with its key. */
const usualPolicy: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'media-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

/** The headers of a page: its content-security-policy, and that it is neither framed, sniffed nor named to others. */
export const pageHeaders = (policy: Readonly<Record<string, readonly string[]>> = {}): RequestHandler => {
  const directives = Object.entries({ ...usualPolicy, ...policy }).map(([name, from]) => `${name} ${from.join(' ')}`);
  const headers = {
    'content-security-policy': directives.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
  return (_request, response, next) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    next();
  };
};
