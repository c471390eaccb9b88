import { type Static, secret, Type } from 'waha-runtime';

const file = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

export const PostgresConfig = Type.Object({
  url: secret({
    pattern: '^postgres(ql)?://',
    description:
      'Where the server is and who logs in: `postgres://user:password@host:5432/database`. A unix socket: `postgres:///database?host=/run/postgresql`',
  }),
  schema: Type.String({
    default: 'waha',
    pattern: '^[a-z_][a-z0-9_]{0,62}$',
    description:
      'The schema of the tables; it is created if it does not exist. Each deployment in a database needs its own schema',
  }),
  readers: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 50,
    description:
      'The number of connections for reading; there is one more for writing, and one for the heartbeats of a cluster',
  }),
  pooled: Type.Boolean({
    default: false,
    description:
      'Set it if PgBouncer or a similar pooler gives each transaction another connection (`pool_mode = transaction`): then no statement is prepared, and no setting outlives a transaction',
  }),
  connectTimeout: Type.Integer({ default: 5, minimum: 1, maximum: 300, description: 'Seconds' }),
  tls: Type.Optional(
    Type.Object(
      {
        ca: file('File of the authority that the server’s certificate must be from, relative to the YAML file'),
        cert: file('File of our own certificate, for servers that ask for one'),
        key: file('File of the key of our certificate'),
        verify: Type.Boolean({
          default: true,
          description:
            'With `false` the connection is encrypted, but the server’s certificate and name are not checked',
        }),
      },
      { description: 'Encrypts the connection. Without it the URL decides (`sslmode`)' },
    ),
  ),
});
export type PostgresConfig = Static<typeof PostgresConfig>;
