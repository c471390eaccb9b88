import { definePlugin, Points, Tokens, token } from 'waha-runtime';

/** A service of your own: whoever imports this token may need it. */
export const Counter = token<{ next(): number }>('acme-counter');

export const counter = definePlugin({
  name: 'counter',
  provides: [Counter],
  setup({ provide }) {
    let count = 0;
    provide(Counter, { next: () => ++count });
  },
});

export const reporter = definePlugin({
  name: 'reporter',
  needs: { counter: Counter },
  wants: { server: Tokens.HttpServer },
  async setup({ services: { counter, server }, log, storage, contributions, onReady, onOpen, onClose, setInterval }) {
    await storage.set('starts', ((await storage.get<number>('starts')) ?? 0) + 1);
    onReady(() => log.info(`${contributions(Points.EventSink).length} sinks are there`));
    onOpen(() => log.info(`the server is on ${server?.url ?? 'no port'}`));
    setInterval(() => log.info(`count ${counter.next()}`), 60_000);
    onClose(() => log.info('good-bye'));
  },
});
