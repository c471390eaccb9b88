import {
  type Backups,
  type Clock,
  Environment,
  environmentOf,
  named,
  type Route,
  type RouteGroup,
  type RuntimeInfo,
  route,
  type Shutdown,
  Type,
} from 'waha-runtime';
import { backupRoute } from './server-backup.ts';
import { debugRoutes } from './server-debug.ts';
import { stopRoute } from './server-stop.ts';

const ServerStatusResponse = named(
  'ServerStatusResponse',
  Type.Object({
    startTimestamp: Type.Number({ description: 'ms since the epoch' }),
    uptime: Type.Number({ description: 'ms' }),
    worker: named('WorkerInfo', Type.Object({ id: Type.String() })),
  }),
);

/** The tag Observability: what runs here, since when, and a way to look into it or to stop it. */
export const observabilityGroup = (
  runtime: RuntimeInfo,
  shutdown: Shutdown,
  clock: Clock,
  backups: Backups | undefined,
): RouteGroup => ({
  tag: 'Observability',
  description: 'The health of the server',
  routes: [
    versionRoute('/api/server/version', runtime),
    { ...versionRoute('/api/version', runtime), deprecated: true },
    environmentRoute(),
    statusRoute(runtime),
    stopRoute(shutdown),
    ...(backups ? [backupRoute(backups)] : []),
    ...debugRoutes(clock),
  ],
});

const versionRoute = (path: string, runtime: RuntimeInfo): Route =>
  route({
    method: 'GET',
    path,
    session: 'any',
    right: 'any',
    summary: 'Get the version of the server',
    responses: { 200: { description: 'The version', schema: Environment } },
    handle: () => environmentOf(runtime, runtime.defaultEngine),
  });

const statusRoute = ({ startedAt, workerId }: RuntimeInfo): Route =>
  route({
    method: 'GET',
    path: '/api/server/status',
    session: 'any',
    right: 'any',
    summary: 'Get how long the server has been running',
    responses: { 200: { description: 'Since when', schema: ServerStatusResponse } },
    handle: () => ({ startTimestamp: startedAt, uptime: Date.now() - startedAt, worker: { id: workerId } }),
  });

const environmentRoute = (): Route =>
  route({
    method: 'GET',
    path: '/api/server/environment',
    right: 'admin',
    summary: 'Get the environment variables of the server',
    description: 'Those of WAHA; with `all=true` the names of the others, too. Secrets are masked.',
    query: Type.Object({ all: Type.Optional(Type.Boolean({ default: false })) }),
    responses: { 200: { description: 'By name', schema: Type.Record(Type.String(), Type.String()) } },
    handle: ({ query }) => environment(process.env, query.all ?? false),
  });

const ours = /^(WAHA|WHATSAPP)_/;
const secretName = /KEY|PASS|SECRET|TOKEN|HASH|HMAC|CREDENTIAL|HEADERS|LIST/;

/** Whether a text holds an address with a login: `amqp://user:secret@host`. */
const namesUser = (text: string): boolean =>
  text
    .split('://')
    .slice(1)
    .some((rest) => rest.split('/', 1)[0]?.includes('@'));

/** Variables of WAHA in clear, unless their names or values smell of a secret; of all others the names alone. */
export const environment = (variables: NodeJS.ProcessEnv, all: boolean): Record<string, string> => {
  const shown = Object.entries(variables).flatMap(([name, value = '']) => {
    if (!ours.test(name)) return all ? [[name, '***'] as const] : [];
    const masked = value !== '' && (secretName.test(name) || namesUser(value));
    return [[name, masked ? '***' : value] as const];
  });
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)));
};
