import { type HealthCheck, named, type RouteGroup, reply, route, Type } from 'waha-runtime';

const PingResponse = named('PingResponse', Type.Object({ message: Type.String({ default: 'pong' }) }));

const reports = Type.Record(
  Type.String(),
  Type.Object({ status: Type.Enum(['up', 'down'], { type: 'string' }) }, { additionalProperties: true }),
);
const Health = named(
  'Health',
  Type.Object({
    status: Type.Enum(['ok', 'error'], { type: 'string' }),
    info: reports,
    error: reports,
    details: reports,
  }),
);

/** What load balancers and orchestrators ask. As in WAHA, `/health` needs the key unless its path is excluded. */
export const probes = (health: HealthCheck): RouteGroup => ({
  tag: 'Observability',
  description: 'How the server is doing',
  routes: [
    route({
      method: 'GET',
      path: '/ping',
      summary: 'Whether the server answers',
      access: 'public',
      responses: { 200: { description: 'It does', schema: PingResponse } },
      handle: () => ({ message: 'pong' }),
    }),
    route({
      method: 'GET',
      path: '/health',
      summary: 'Whether the server and what it depends on are well',
      responses: {
        200: { description: 'All is well', schema: Health },
        503: { description: 'Something is down; `error` says what', schema: Health },
      },
      async handle() {
        const found = await health.check();
        return reply({ status: found.status === 'ok' ? 200 : 503, json: found });
      },
    }),
  ],
});
