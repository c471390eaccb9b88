/**
 * `waha-runtime/http`: what only a plugin that serves HTTP needs, besides `waha-runtime`.
 */

export { mayCall } from './access.ts';
export { sendJson, sendText } from './answer.ts';
export { holdsFile } from './bounded-schema.ts';
export type { RouteAnswer } from './call-elsewhere.ts';
export { callRoute, type RouteCall } from './call-route.ts';
export { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
export { keylessCheck } from './keyless.ts';
export { successStatus, without } from './operation.ts';
export { refusalOf, refuser } from './refusal.ts';
export { traceOfRequest } from './request-trace.ts';
export { pathOf, queryOf } from './request-url.ts';
export { type Authorize, anyone } from './serve.ts';
export { UploadSlots } from './upload-slots.ts';
