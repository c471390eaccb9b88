import { named, type Static, Type } from '../contracts/schema.ts';

/** `network:` in the YAML: where webhooks and media downloads may go besides the public internet. */
export const EgressConfig = named(
  'NetworkConfig',
  Type.Object(
    {
      allow: Type.Object(
        {
          private: Type.Boolean({
            default: false,
            description: 'Every loopback and private address. Whoever may configure a session then reaches all of them',
          }),
          hosts: Type.Array(Type.String({ minLength: 1, maxLength: 260 }), {
            default: [],
            description: 'Names that may lead to private addresses: `n8n`, `n8n:5678`, `*.corp.example`',
          }),
          cidrs: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
            default: [],
            description: 'Addresses that are allowed, whatever they are: `10.1.0.0/16`, `fd00:1::/32`',
          }),
        },
        { default: {} },
      ),
    },
    { default: {} },
  ),
);
export type EgressConfig = Static<typeof EgressConfig>;
