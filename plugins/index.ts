/** The plugins that come with the runtime, by the name that `use:` has for them. Each is loaded when a config names it. */
export const builtins = {
  express: () => import('./express/index.ts'),
  'waha-api': () => import('./waha-api/index.ts'),
  baileys: () => import('./baileys/index.ts'),
  sandbox: () => import('./sandbox/index.ts'),
  files: () => import('./files/index.ts'),
  webhook: () => import('./webhook/index.ts'),
  keys: () => import('./keys/index.ts'),
  mcp: () => import('./mcp/index.ts'),
  dashboard: () => import('./dashboard/index.ts'),
  websocket: () => import('./websocket/index.ts'),
  nats: () => import('./nats/index.ts'),
  pacing: () => import('./pacing/index.ts'),
  proxy: () => import('./proxy/index.ts'),
  metrics: () => import('./metrics/index.ts'),
  lowdb: () => import('./lowdb/index.ts'),
  sqlite: () => import('./sqlite/index.ts'),
} as const;
