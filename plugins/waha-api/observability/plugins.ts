import { named, type Plugins, type RouteGroup, route, Type } from 'waha-runtime';

const PartCounts = named(
  'PluginPartCounts',
  Type.Object({
    succeeded: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer({ description: 'Passed over while it was suspended' }),
    suspended: Type.Boolean(),
  }),
);

const PluginInfo = named(
  'PluginInfo',
  Type.Object({
    name: Type.String(),
    from: Type.String({ description: '`built-in`, a path, or `package@version`' }),
    order: Type.Integer({ description: 'Its place in the order of setup, from 1; 0 when it never got so far' }),
    state: Type.Enum(['ready', 'suspended', 'failed', 'closed'], { type: 'string' }),
    setupMs: Type.Number(),
    error: Type.Optional(Type.String()),
    sessions: Type.Optional(Type.Array(Type.String(), { description: 'The sessions that it works for, when not all' })),
    parts: Type.Record(Type.String(), PartCounts, {
      description: 'Its filters and policies, and those of its routes that ever failed',
    }),
  }),
);

/** What is loaded. */
export const pluginGroup = (plugins: Plugins): RouteGroup => ({
  tag: 'Observability',
  routes: [
    route({
      method: 'GET',
      path: '/api/server/plugins',
      summary: 'List the plugins in the order of their setup',
      responses: { 200: { description: 'Those that failed come last', schema: Type.Array(PluginInfo) } },
      handle: () => plugins.list(),
    }),
  ],
});
