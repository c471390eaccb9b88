import { EventEmitter } from 'node:events';

/** Emitters that nobody of ours makes: node's sockets and agents, and the websockets of ws, keep listeners of their own. */
const foreign = new Set([
  'Agent',
  'Socket',
  'TLSSocket',
  'ClientRequest',
  'IncomingMessage',
  'WebSocket',
  'Receiver',
  'Server',
]);

/** What is still listened to, of all emitters that were listened to while `work` ran: `<class> <event>` each. */
export const listenersLeftBy = async (work: () => Promise<void>): Promise<string[]> => {
  const seen = new Set<EventEmitter>();
  const { on, addListener } = EventEmitter.prototype;
  const watch = function (this: EventEmitter, ...args: Parameters<typeof on>) {
    seen.add(this);
    return on.apply(this, args);
  };
  Object.assign(EventEmitter.prototype, { on: watch, addListener: watch });
  try {
    await work();
  } finally {
    Object.assign(EventEmitter.prototype, { on, addListener });
  }
  return [...seen]
    .filter((emitter) => !foreign.has(emitter.constructor.name))
    .flatMap((emitter) => emitter.eventNames().map((event) => `${emitter.constructor.name} ${String(event)}`));
};
