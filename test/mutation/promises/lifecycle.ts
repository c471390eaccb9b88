import type { Mutation } from '../mutation.ts';

const page = 'lifecycle.md';
const session = (...names: string[]) => ({ tests: names.map((name) => `core/session/${name}.test.ts`) });
const delays = { file: 'core/session/delays.ts', ...session('lifecycle', 'verdicts') };
const takeovers = { file: 'core/session/takeovers.ts', ...session('lifecycle') };
const reasons = { file: 'core/session/close-reasons.ts', ...session('lifecycle', 'verdicts') };
const guards = { file: 'core/session/guards.ts', ...session('pairing', 'verdicts', 'account-history') };
const machine = { file: 'core/session/machine.ts', ...session('lifecycle', 'commands', 'verdicts') };
const working = { file: 'core/session/working.ts', ...session('lifecycle', 'verdicts', 'commands') };
const account = { file: 'core/session/account-history.ts', ...session('account-history') };
const jittered = [page, 'full jitter below 1 s, doubling up to 2 min'] as const;
const tries = [page, '1, 3 and 5 more tries, then `FAILED`'] as const;
const aside = [page, '`FAILED`; the credentials are moved aside, one generation is kept'] as const;

/** What a session does by itself, and at a command. */
export const lifecycleMutations: readonly Mutation[] = [
  { ...delays, text: 'Math.round(random() * bound)', replacement: 'Math.round(bound)', promise: jittered },
  { ...delays, text: 'longest: timings.backoffCap', replacement: 'longest: 1e9', promise: jittered },
  {
    ...takeovers,
    text: 'const slowCount = 5;',
    replacement: 'const slowCount = 50;',
    promise: [page, 'at least 30 s after five times in 30 s'],
  },
  {
    ...takeovers,
    text: 'const endCount = 10;',
    replacement: 'const endCount = 1_000;',
    promise: [page, '`FAILED` after ten times in 15 minutes'],
  },
  {
    ...delays,
    text: 'context.timings.start,\n  linkedTimeout',
    replacement: 'context.timings.start * 1_000,\n  linkedTimeout',
    promise: [page, '60 s (`timings.start`) for a connection'],
  },
  {
    ...reasons,
    text: "unavailable: { does: 'retry', shown: 'unavailable', slowly: true }",
    replacement: "unavailable: { does: 'retry', shown: 'unavailable' }",
    promise: [page, 'the same from 10 s on'],
  },
  {
    ...reasons,
    text: "device_removed: { does: 'unlink'",
    replacement: "device_removed: { does: 'retry'",
    promise: aside,
  },
  { ...machine, text: "planUnlinked'] },", replacement: "planLogout'] },", promise: aside },
  {
    ...reasons,
    text: "banned: { does: 'fail'",
    replacement: "banned: { does: 'retry'",
    promise: [page, '`FAILED`; the credentials stay'],
  },
  { ...reasons, text: 'client_outdated: { does: 1,', replacement: 'client_outdated: { does: 2,', promise: tries },
  { ...reasons, text: 'bad_session: { does: 3,', replacement: 'bad_session: { does: 30,', promise: tries },
  { ...reasons, text: 'engine_error: { does: 5,', replacement: 'engine_error: { does: 50,', promise: tries },
  {
    ...guards,
    text: 'const maxReopens = 5;',
    replacement: 'const maxReopens = 50;',
    promise: [page, 'at once, five times in a row; then like `network`'],
  },
  {
    ...guards,
    text: "pinned !== null && me.id.split('@')[0] !== pinned",
    replacement: 'pinned === me.id',
    promise: [page, 'only that number can link the session'],
  },
  {
    ...guards,
    text: 'restriction.timeEnforcementEnds <= clock.now()',
    replacement: 'restriction.timeEnforcementEnds < 0',
    promise: [page, 'when WhatsApp lifts it or its time is over'],
  },
  {
    file: 'core/session/restart-limit.ts',
    ...session('commands'),
    text: 'const restartLimit = 10;',
    replacement: 'const restartLimit = 100;',
    promise: [page, 'More than ten in a minute are answered with 429 and `Retry-After`.'],
  },
  {
    ...machine,
    text: 'after: { closeGrace: [...onceClosed] },',
    replacement: '',
    promise: [page, 'Closing takes 5 s at most (`timings.close`), then the connection is cut'],
  },
  {
    ...delays,
    ...session('commands', 'process'),
    text: 'context.timings.wipe,',
    replacement: 'context.timings.wipe * 1_000,',
    promise: [page, 'Removing credentials takes 10 s at most (`timings.wipe`)'],
  },
  {
    ...machine,
    text: "restart: { target: 'alive', actions: 'startAfresh' },\n        logout: { target: 'wiping', actions: 'planLogout' },\n      },\n    },\n    wiping",
    replacement: "logout: { target: 'wiping', actions: 'planLogout' },\n      },\n    },\n    wiping",
    promise: [page, '`start`, `stop` and `restart` converge.'],
  },
  {
    ...working,
    text: "after: { probeInterval: 'probing' }, ",
    replacement: '',
    promise: [page, 'WhatsApp answers a ping a minute'],
  },
  {
    ...working,
    text: "after: { halfProbeTimeout: 'waiting' },",
    replacement: "after: { halfProbeTimeout: 'deaf' },",
    promise: [page, 'A process that stood still itself does not take its own pause for silence.'],
  },
  {
    ...working,
    text: 'after: { stableAfter: { actions:',
    replacement: 'after: { probeInterval: { actions:',
    promise: jittered,
  },
  {
    file: 'core/session/machine-setup.ts',
    ...session('qr-budget', 'pairing', 'passkey'),
    text: "{ reason: 'qr_timeout' as const,",
    replacement: "{ reason: 'network' as const,",
    promise: [page, '`FAILED` with `qr_timeout`'],
  },
  {
    file: 'core/session/machine-setup.ts',
    ...session('lifecycle', 'commands'),
    text: "context.afterClose === 'logout' && context.client !== null",
    replacement: 'context.client === null',
    promise: [
      page,
      'tells WhatsApp if the session is connected (5 s at most), and removes the credentials in any case',
    ],
  },
  {
    file: 'core/session/qr-budget.ts',
    ...session('passkey'),
    text: 'pausedAt: context.clock.now()',
    replacement: 'pausedAt: null',
    promise: [page, "the QR schedule is paused from WhatsApp's request to the end of the procedure"],
  },
  {
    file: 'core/session/pairing.ts',
    ...session('pairing'),
    text: 'if (now < free) {',
    replacement: 'if (now < 0) {',
    promise: [page, 'A request for the same number gets the same code. WhatsApp is asked again after'],
  },
  {
    file: 'core/session/session.ts',
    ...session('commands', 'process', 'lifecycle'),
    text: 'await this.#options.save(next);',
    replacement: 'void this.#options.save(next).catch(() => undefined);',
    promise: [page, 'cannot be saved, it is answered with 503 and has no effect'],
  },
  {
    ...account,
    text: 'const unlinkedAfter = 14 * 24 * hour;',
    replacement: 'const unlinkedAfter = 28 * 24 * hour;',
    promise: [page, 'WhatsApp unlinks the devices of a phone that was offline for 14 days'],
  },
  {
    ...account,
    text: 'begins > context.clock.now()) return null;',
    replacement: 'begins > 0) return null;',
    promise: [page, 'After 10 days without one'],
  },
  {
    ...account,
    text: 'if (restriction === null && !recently) return null;',
    replacement: 'if (restriction === null || !recently) return null;',
    promise: [page, 'If the account is unlinked within a day after a restriction, a `note` in'],
  },
  {
    file: 'core/session/wake-watch.ts',
    ...session('verdicts', 'process'),
    text: 'if (slept > jump) onWake(slept);',
    replacement: '',
    promise: [page, 'when the clock jumps by more than a minute, every connection is probed and every wait ends'],
  },
  {
    file: 'core/session/engine-actor.ts',
    ...session('commands', 'lifecycle'),
    text: 'over = true;',
    replacement: 'over = false;',
    promise: ['architecture.md', 'Signals from an older connection are dropped'],
  },
  {
    file: 'core/session/resume.ts',
    ...session('process'),
    text: 'new PQueue({ concurrency: options.concurrency })',
    replacement: 'new PQueue({ concurrency: 1_000 })',
    promise: [page, 'the sessions that should run are started, 8 at a time (`worker.startConcurrency`)'],
  },
  {
    file: 'core/session/status-history.ts',
    ...session('verdicts', 'session-info', 'lifecycle'),
    text: 'const transitionsKept = 100;',
    replacement: 'const transitionsKept = 10;',
    promise: [page, 'lists the last hundred changes with time and reason'],
  },
];
