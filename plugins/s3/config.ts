import { type Static, secret, Type } from 'waha-runtime';

/** What `config:` of the s3 plugin may hold. */
export const S3Config = Type.Object({
  mediaStorage: Type.String({
    default: 'S3',
    description: '`S3`: files are kept in the bucket; anything else leaves them to the plugin `files`',
  }),
  endpoint: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: "The server's URL, without a path; Amazon's when absent",
      examples: ['https://minio.example.com:9000'],
    }),
  ),
  region: Type.String({ default: 'us-east-1', minLength: 1 }),
  bucket: Type.Optional(Type.String({ minLength: 1, description: 'It has to be there already' })),
  prefix: Type.String({
    default: '',
    pattern: '^(?:[\\w.-]+/)*$',
    maxLength: 500,
    description: 'What every key begins with, for several deployments in one bucket',
    examples: ['waha/'],
  }),
  accessKeyId: Type.Optional(Type.String({ minLength: 1 })),
  secretAccessKey: Type.Optional(secret({ minLength: 1 })),
  forcePathStyle: Type.Optional(
    Type.Boolean({
      description:
        'The bucket is in the path and not in the host. On for an endpoint of your own when absent, else off',
    }),
  ),
});
export type S3Config = Static<typeof S3Config>;
