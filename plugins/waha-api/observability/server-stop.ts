import { named, type Route, route, type Shutdown, Type } from 'waha-runtime';

const StopRequest = named(
  'StopRequest',
  Type.Object({
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'End at once: what is not delivered yet is delivered after a restart',
      }),
    ),
  }),
);
const StopResponse = named(
  'StopResponse',
  Type.Object({ stopping: Type.Boolean({ default: true, description: 'Always true' }) }),
);

/** Answers, and then the process stops as SIGTERM stops it. */
export const stopRoute = (shutdown: Shutdown): Route =>
  route({
    method: 'POST',
    path: '/api/server/stop',
    right: 'admin',
    summary: 'Stop the server',
    description:
      'Sessions are closed and what is left is delivered; whatever supervises the process may start it again.',
    body: StopRequest,
    responses: {
      201: { description: 'It stops', schema: StopResponse },
      403: { description: 'The key is limited to some sessions' },
    },
    handle({ body }) {
      shutdown.request({ force: body.force ?? false });
      return { stopping: true };
    },
  });
