import { eventNames, type Static, secret, Type } from 'waha-runtime';

/** What `config:` of the nats plugin may hold. */
export const NatsConfig = Type.Object({
  servers: Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    default: ['nats://127.0.0.1:4222'],
    description: 'Any server of the cluster; tls:// for TLS',
  }),
  stream: Type.String({
    pattern: '^[A-Za-z0-9_-]{1,100}$',
    default: 'WAHA',
    description: 'The stream that stores the events; it is created if it does not exist',
  }),
  subject: Type.String({
    pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$',
    default: 'waha',
    description: 'Events are published as <subject>.<session>.<event>',
  }),
  events: Type.Array(Type.Enum([...eventNames, '*'], { type: 'string' }), { minItems: 1, default: ['*'] }),
  begin: Type.Enum(['now', 'oldest'], {
    type: 'string',
    default: 'now',
    description: 'Whether the very first start begins with new events or with the oldest one in the log',
  }),
  user: Type.Optional(Type.String()),
  password: Type.Optional(secret()),
  token: Type.Optional(secret()),
});
export type NatsConfig = Static<typeof NatsConfig>;
