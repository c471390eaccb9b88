import { named, Type, type ValueOf } from './schema.ts';

/** What one contribution of a plugin went through since the start. */
export const ContributionCounts = named(
  'PluginContributionCounts',
  Type.Object({
    succeeded: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer({ description: 'How many calls were skipped while it was suspended' }),
    suspended: Type.Boolean(),
  }),
);
export type ContributionCounts = ValueOf<typeof ContributionCounts>;

/** A plugin instance as `waha plugins` and `GET /api/server/plugins` show it. */
export const PluginInfo = named(
  'PluginInfo',
  Type.Object({
    name: Type.String(),
    from: Type.String({ description: '`built-in`, a path, or `package@version`; empty when it was not found' }),
    order: Type.Integer({ description: 'Its position in the order of setup, from 1; 0 if it was not set up' }),
    state: Type.Enum(['ready', 'suspended', 'failed', 'closed'], {
      type: 'string',
      description:
        '`suspended`: it runs, but one of its contributions failed so often that it is not called for a while',
    }),
    setupMs: Type.Number({ description: 'How long `setup` took (ms)' }),
    error: Type.Optional(Type.String({ description: 'Why it failed' })),
    sessions: Type.Optional(
      Type.Array(Type.String(), { description: 'The sessions that it works for, if they are limited' }),
    ),
    contributions: Type.Record(Type.String(), ContributionCounts, {
      description: 'Its filters and policies, and its routes that have failed, by name',
    }),
  }),
);
export type PluginInfo = ValueOf<typeof PluginInfo>;

/** What is loaded. */
export interface Plugins {
  /** In order of setup, those that failed last. */
  list(): readonly PluginInfo[];
}
