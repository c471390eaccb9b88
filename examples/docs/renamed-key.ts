import { definePlugin, Points, Type, tooManyRequests } from 'waha-runtime';

export default definePlugin({
  name: 'renamed-key',
  config: Type.Object({
    maxLength: Type.Optional(Type.Integer({ minimum: 1, default: 4_096 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, deprecated: true, description: 'Now called maxLength' })),
  }),
  async setup({ config, log, contribute, storage }) {
    if (config.limit !== undefined) log.warn('limit is called maxLength now; the next major version refuses it');
    const most = config.limit ?? config.maxLength ?? 4_096;
    contribute(Points.ClientPolicy, {
      name: 'short',
      async send(call, next) {
        const long = call.method === 'messages.sendText' && call.args[0].text.length > most;
        if (long) throw tooManyRequests(`a text has at most ${most} characters`, 1);
        return next(call);
      },
    });
    if ((await storage.get('format')) === 2) return;
    await storage.remove('counts');
    await storage.set('format', 2);
  },
});
