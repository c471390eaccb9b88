import { PluginInfo, type Plugins, type RouteGroup, route, Type } from 'waha-runtime';

/** What is loaded. */
export const pluginGroup = (plugins: Plugins): RouteGroup => ({
  tag: 'Observability',
  routes: [
    route({
      method: 'GET',
      right: 'admin',
      path: '/api/server/plugins',
      summary: 'List the plugins in the order of their setup',
      responses: { 200: { description: 'Those that failed come last', schema: Type.Array(PluginInfo) } },
      handle: () => plugins.list(),
    }),
  ],
});
