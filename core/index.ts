/**
 * Everything a plugin may import, grouped by reader. Nothing else is public.
 */

export { type Checked, type CheckOptions, compile, didYouMean, type Violation } from './config/validate.ts';
// Who commands sessions
export * from './contracts/client.ts';
export * from './contracts/client-policy.ts';
export * from './contracts/clock.ts';
// Who writes an engine
export * from './contracts/engine.ts';
// Who listens to events
export * from './contracts/event-names.ts';
export * from './contracts/events.ts';
// Who keeps files
export * from './contracts/files.ts';
// Who adds routes or serves them
export * from './contracts/health.ts';
export * from './contracts/http.ts';
export * from './contracts/library.ts';
export * from './contracts/log.ts';
export * from './contracts/message.ts';
export * from './contracts/metrics.ts';
export * from './contracts/network.ts';
// Every plugin
export * from './contracts/plugin.ts';
export * from './contracts/plugins.ts';
export * from './contracts/runtime-info.ts';
export * from './contracts/schema.ts';
export * from './contracts/session.ts';
export * from './contracts/sessions.ts';
export * from './contracts/shutdown.ts';
// Who writes a storage driver
export * from './contracts/storage.ts';
export * from './contracts/stores.ts';
export * from './contracts/token.ts';
export * from './errors.ts';
// Who writes a sink
export { type FollowOptions, followLog, type LogFollower } from './events/follow.ts';
export * from './stores/driver/index.ts';
export { Points, Tokens } from './tokens.ts';
