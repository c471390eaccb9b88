import { type HealthCheck, named, type Route, type RouteGroup, reply, route, Type } from 'waha-runtime';

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

const Probe = named('Probe', Type.Object({ status: Type.Enum(['ok', 'error'], { type: 'string' }) }));

/** What load balancers and orchestrators ask. As in WAHA, `/health` needs the key unless its path is excluded. */
export const probes = (health: HealthCheck): RouteGroup => ({
  tag: 'Observability',
  description: 'The health of the server',
  routes: [
    route({
      method: 'GET',
      path: '/ping',
      summary: 'Whether the server answers',
      access: 'public',
      responses: { 200: { description: 'It does', schema: PingResponse } },
      handle: () => ({ message: 'pong' }),
    }),
    ...forOrchestrators(health),
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

/** Without a key, and without details. */
const forOrchestrators = (health: HealthCheck): Route[] => [
  route({
    method: 'GET',
    path: '/health/live',
    summary: 'Whether the process lives: an orchestrator starts one that does not answer anew',
    access: 'public',
    responses: { 200: { description: 'It does', schema: Probe } },
    handle: () => ({ status: 'ok' }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    summary: 'Whether requests may be sent here: all that /health looks at is well, without the details',
    access: 'public',
    responses: {
      200: { description: 'They may', schema: Probe },
      503: {
        description: 'The server is not ready: it starts, stops, hands over its sessions, or a part is down',
        schema: Probe,
      },
    },
    async handle() {
      const { status } = await health.check();
      return reply({ status: status === 'ok' ? 200 : 503, json: { status } });
    },
  }),
];
