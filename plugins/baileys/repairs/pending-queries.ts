import type { EventEmitter } from 'node:events';

const CONNECTION_CLOSED = 428;

/**
 * Baileys' queries that are under way at the end hang on until their time is up, a minute later. Each listens for an error
 * of the websocket, and Baileys' own end is past by now and ignores it: so one releases them all.
 */
export const releaseQueries = (client: EventEmitter): void => {
  const error = Object.assign(new Error('Connection Closed'), {
    isBoom: true,
    output: { statusCode: CONNECTION_CLOSED },
  });
  if (client.listenerCount('error') > 0) client.emit('error', error);
};
