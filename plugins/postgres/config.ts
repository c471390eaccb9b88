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
      'The schema of the database that has the tables; made when it is not there. Deployments in one database need one each',
  }),
  readers: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 50,
    description: 'Connections for reading; one more writes, and one more is for the beats of a cluster',
  }),
  pooled: Type.Boolean({
    default: false,
    description:
      'PgBouncer, or a pooler like it, is in between and gives each transaction another connection (`pool_mode = transaction`): nothing is prepared and nothing set for longer',
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
          description: '`false`: encrypted, to whoever answers. The server’s certificate and name are not looked at',
        }),
      },
      { description: 'Encrypts the connection. Without it the URL decides (`sslmode`)' },
    ),
  ),
});
export type PostgresConfig = Static<typeof PostgresConfig>;
