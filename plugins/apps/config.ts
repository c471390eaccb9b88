import { type Static, Type } from 'waha-runtime';

/** What `config:` of the apps plugin may hold. */
export const AppsConfig = Type.Object({
  enabled: Type.Boolean({ default: true, description: 'When false, every request about apps is answered with 422' }),
  on: Type.Array(Type.String(), {
    default: [],
    description: 'Only these types; all types of all plugins when empty',
    examples: [['calls', 'chatwoot']],
  }),
  off: Type.Array(Type.String(), { default: [], description: 'Not these types' }),
  maxPerSession: Type.Integer({ minimum: 1, maximum: 1_000, default: 50 }),
});
export type AppsConfig = Static<typeof AppsConfig>;
