import type { EventEmitter } from 'node:events';

const prefix = 'CB:';

/**
 * Baileys announces each stanza under some thirty names: `CB:message`, then `CB:message,from:…,enc`, `CB:message,from:…`
 * and `CB:message,from` for every attribute (`onMessageReceived` in its `socket.js`). Next to none of them has a listener,
 * and most are unlike any name before, which makes them dear: 20 µs a stanza, as much as its decryption. Here a
 * name goes through when somebody listens to one of that tag and length; the emitter then decides as ever.
 */
export const announceWhatIsHeard = (client: EventEmitter): void => {
  /** Lengths of the names with listeners, by the stanza's tag. */
  const heard = new Map<string, Set<number>>();
  const none: ReadonlySet<number> = new Set();
  const listen = (name: string | symbol): void => {
    if (typeof name !== 'string' || !name.startsWith(prefix)) return;
    const [tag = ''] = name.slice(prefix.length).split(',', 1);
    const lengths = heard.get(tag) ?? new Set();
    heard.set(tag, lengths.add(name.length));
  };
  for (const name of client.eventNames()) listen(name);
  client.on('newListener', listen);

  const emit = client.emit.bind(client);
  let stanza: unknown;
  let lengths = none;
  /** Of `TAG:<id>`, which answers to queries have. */
  let answer = 0;
  client.emit = (name: string | symbol, ...args: unknown[]): boolean => {
    if (name === 'frame') {
      [stanza] = args;
      const { tag, attrs } = (stanza ?? {}) as { readonly tag?: string; readonly attrs?: { readonly id?: string } };
      lengths = heard.get(tag ?? '') ?? none;
      answer = `TAG:${attrs?.id}`.length;
    } else if (args[0] === stanza && stanza !== undefined && typeof name === 'string') {
      if (name.length !== answer && !lengths.has(name.length)) return false;
    }
    return emit(name, ...args);
  };
};
