import { type Static, Type } from 'waha-runtime';

const seconds = (value: number, description: string) =>
  Type.Number({ minimum: 1, maximum: 3_600, default: value, description });

/** What `config:` of the websocket plugin may hold. */
export const WebSocketConfig = Type.Object({
  path: Type.String({ pattern: '^/[^?#\\s]*$', default: '/ws', description: 'Where clients connect' }),
  maxClients: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 1_000,
    description: 'Further ones get a 503. One key that is no admin’s may have a quarter of them (429)',
  }),
  pingSeconds: seconds(30, 'How often each client is pinged'),
  pongSeconds: seconds(20, 'How long the answer may take, before the connection is cut'),
  maxBufferedBytes: Type.Integer({
    minimum: 1_024,
    maximum: 1_073_741_824,
    default: 262_144,
    description: 'How many bytes may wait in memory for one client; a slower client gets its events from the event log',
  }),
  maxBufferedFrames: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 1_000,
    description: 'How many events may wait in memory for one client',
  }),
  compression: Type.Boolean({
    default: false,
    description: 'Offer permessage-deflate: less traffic for much more memory and time',
  }),
});
export type WebSocketConfig = Static<typeof WebSocketConfig>;
