import type { EventEmitter } from 'node:events';
import { unavailable } from 'waha-runtime';

const PREFIX = 'TAG:';

type Refuse = (error: Error) => void;

/**
 * A query that the server never answers resolves with nothing in Baileys (`waitForMessage` in its `socket.js`), and whoever
 * asked takes that for success or for an empty list; the sync of the app state asks again for ever. Here it is refused with
 * `UNAVAILABLE` after `timeoutMs`, which must be less than Baileys' own time.
 *
 * Baileys listens for the answer, then for errors of the websocket, in one turn: the listener for errors is the query's own,
 * and is the way to end it. A Baileys that refuses by itself is not asked any more by then.
 */
export const refuseSilence = (client: EventEmitter, timeoutMs: number): void => {
  const timers = new Map<string, NodeJS.Timeout>();
  let beginning: string | undefined;
  const begin = (name: string, refuse: Refuse): void => {
    const silent = () => refuse(unavailable('WhatsApp did not answer in time'));
    timers.set(name, setTimeout(silent, timeoutMs));
  };
  client.on('newListener', (name, listener) => {
    if (typeof name !== 'string') return;
    if (name.startsWith(PREFIX)) beginning = name;
    else if (name === 'error' && beginning !== undefined) {
      begin(beginning, listener as Refuse);
      beginning = undefined;
    }
  });
  client.on('removeListener', (name) => {
    if (typeof name !== 'string' || !name.startsWith(PREFIX)) return;
    clearTimeout(timers.get(name));
    timers.delete(name);
  });
};

/** Calls this just before a query is written. */
export const beforeQueries = (client: EventEmitter, call: () => void): void => {
  client.on('newListener', (name) => {
    if (typeof name === 'string' && name.startsWith(PREFIX)) call();
  });
};
