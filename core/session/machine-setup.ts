import { isDeepStrictEqual } from 'node:util';
import { assign, emit, enqueueActions, fromPromise, sendTo, setup } from 'xstate';
import type { SessionStatus, StatusReason } from '../contracts/session.ts';
import { sentence } from '../errors.ts';
import { accountHistoryOf, latestSign, noteOfEnd, noteOfUnlinking, recall, silenceOf } from './account-history.ts';
import { consequenceOf, isPasskeyReason } from './close-reasons.ts';
import { deadCodeNote, newCodeNote } from './code-notes.ts';
import {
  type AfterClose,
  type AfterWipe,
  type Closed,
  noQr,
  ProxyUnusable,
  type SessionContext,
  type SessionEmitted,
  type SessionEvent,
  type SessionInput,
  type StatusUpdate,
  type Wipe,
} from './context.ts';
import { delays, retryDelay } from './delays.ts';
import { engineActor } from './engine-actor.ts';
import {
  isBudgetOver,
  isCodeLive,
  isDoubtful,
  isLastSlot,
  isOutOfCodes,
  isPairing,
  isReopen,
  isRestrictionOver,
  isTerminal,
  isUnlinking,
  isWrongPhone,
} from './guards.ts';
import {
  announce,
  endSlot,
  forgetCodes,
  hideCode,
  pause,
  refresh,
  resume,
  scanAgainNote,
  showNext,
} from './qr-budget.ts';
import { statusNow, toldWhileShowing } from './status-now.ts';
import { takeoverMessage, withTakeover } from './takeovers.ts';

/** A session that was never started. */
export const initialContext = (input: SessionInput): SessionContext => ({
  ...input,
  attempt: 0,
  doubts: {},
  reopens: 0,
  conflicts: [],
  afterClose: 'stop',
  afterWipe: 'stopped',
  keepArchive: false,
  qr: noQr,
  pairing: null,
  pairingCode: null,
  passkey: null,
  client: null,
  reason: null,
  message: null,
  note: null,
  nextRetryAt: null,
  unlinked: false,
  ...recall(input.accountHistory, input.clock.now()),
});

const fresh = {
  attempt: 0,
  doubts: {},
  reopens: 0,
  conflicts: [],
  qr: noQr,
  reason: null,
  message: null,
  note: null,
  nextRetryAt: null,
};

const opened = { qr: noQr, reopens: 0, reason: null, message: null, note: null, nextRetryAt: null };

/** The machine's types, actors, guards, delays and actions, all by name; `machine.ts` holds the states. */
export const machineSetup = setup({
  types: {
    context: {} as SessionContext,
    input: {} as SessionInput,
    events: {} as SessionEvent,
    emitted: {} as SessionEmitted,
  },
  actors: {
    engine: engineActor,
    wipe: fromPromise<void, { wipe: Wipe; keepArchive: boolean }>(({ input }) => input.wipe(input.keepArchive)),
  },
  guards: {
    isPairing: ({ context }) => isPairing(context),
    isBudgetOver: ({ context }) => isBudgetOver(context),
    isLastSlot: ({ context }) => isLastSlot(context),
    hasCode: ({ context }) => context.qr.codes.length > 0,
    hasPairingCode: ({ context }) => context.pairingCode !== null,
    isCodeLive: ({ context }) => isCodeLive(context),
    isWrongPhone: ({ context, event }) => event.type === 'engine.open' && isWrongPhone(context, event.me),
    isRestricted: ({ context }) => context.restriction !== null,
    isRestrictionOver: ({ context }) => isRestrictionOver(context),
    restricts: ({ context, event }) =>
      event.type === 'engine.restriction' &&
      event.restriction !== null &&
      !isDeepStrictEqual(event.restriction, context.restriction),
    lifts: ({ context, event }) =>
      event.type === 'engine.restriction' && event.restriction === null && context.restriction !== null,
    changesCapping: ({ context, event }) =>
      event.type === 'engine.capping' && !isDeepStrictEqual(event.capping, context.capping),
    isPhoneSilent: ({ context }) => silenceOf(context) !== null,
    speaksAgain: ({ context, event }) =>
      event.type === 'engine.phone' &&
      silenceOf({ ...context, phoneSeenAt: latestSign(context, event.seenAt) }) === null,
    closesForGood: ({ context }) => context.afterClose === 'stop' || context.afterClose === 'fail',
    isUnlinking: ({ event }) => isUnlinking(event as Closed),
    isTerminal: ({ context, event }) => isTerminal(context, event as Closed),
    isReopen: ({ context, event }) => isReopen(context, event as Closed),
    isOutOfCodes: ({ context, event }) => isOutOfCodes(context, event as Closed),
    closesTo: ({ context }, params: { afterClose: AfterClose }) => context.afterClose === params.afterClose,
    wipesTo: ({ context }, params: { state: AfterWipe }) => context.afterWipe === params.state,
  },
  delays,
  actions: {
    report: emit(({ context }, { status, update }: { status: SessionStatus; update?: StatusUpdate }) =>
      statusNow(context, status, update),
    ),
    /** While somebody is asked to scan, a lost connection is no news to them. */
    reportRetry: enqueueActions(({ context, enqueue }) => {
      if (!isPairing(context)) enqueue.emit(statusNow(context, 'STARTING'));
    }),
    reportAccountHistory: emit(({ context }) => ({
      type: 'accountHistory' as const,
      accountHistory: accountHistoryOf(context),
      exactly: false,
    })),
    reportWarning: emit(({ context }) => ({
      type: 'accountHistory' as const,
      accountHistory: accountHistoryOf(context),
      exactly: true,
    })),
    reportMe: emit(({ context }) => ({ type: 'me' as const, me: context.me })),
    startAfresh: assign(fresh),
    reportReconnect: emit(({ context }) => ({ type: 'reconnect' as const, reason: context.reason ?? 'network' })),
    beginConnection: assign({ afterClose: 'stop', nextRetryAt: null }),
    countReopen: assign({ reopens: ({ context }) => context.reopens + 1 }),
    dropConnection: assign({
      client: null,
      pairing: null,
      pairingCode: null,
      passkey: null,
      qr: ({ context }) => forgetCodes(context),
    }),
    closeTo: assign((_, { afterClose }: { afterClose: AfterClose }) => ({ afterClose })),
    setReason: assign((_, { reason, note }: { reason: StatusReason | null; note?: string }) => ({
      reason,
      message: null,
      note: note ?? null,
    })),
    /** Nobody scanned. If somebody did, and the passkey was what failed, that is the reason. */
    setTimeoutReason: assign(({ context }) =>
      isPasskeyReason(context.reason) ? {} : { reason: 'qr_timeout' as const, message: null, note: null },
    ),
    recordFault: assign(({ event }) => ({
      reason: 'error' in event && event.error instanceof ProxyUnusable ? ('proxy' as const) : ('engine_error' as const),
      message: 'error' in event ? sentence(event.error) : null,
    })),
    recordClose: assign(({ context, event }) => {
      const { reason, lasts } = event as Closed;
      const now = context.clock.now();
      const takeover = reason === 'replaced' ? takeoverMessage(context) : null;
      const conflicts = takeover ? withTakeover(context) : context.conflicts;
      const message = takeover ? null : ((event as Closed).message ?? null);
      const doubts = isDoubtful(reason)
        ? { ...context.doubts, [reason]: (context.doubts[reason] ?? 0) + 1 }
        : context.doubts;
      const note = isUnlinking(event as Closed) ? noteOfUnlinking(context) : (takeover ?? noteOfEnd(lasts, now));
      return { reason: consequenceOf(reason).shown ?? 'network', message, note, conflicts, doubts };
    }),
    scheduleRetry: assign(({ context }) => {
      const next = { ...context, attempt: context.attempt + 1 };
      return { attempt: next.attempt, nextRetryAt: context.clock.now() + retryDelay(next) };
    }),
    announceCodes: assign(({ context, event }) => {
      if (event.type !== 'engine.qr') return {};
      return { qr: announce(context, event.codes), pairing: event.pairing };
    }),
    refreshCodes: assign(({ context, event }) => {
      if (event.type !== 'engine.qr.refreshed') return {};
      return { qr: refresh(context, event.codes), note: scanAgainNote };
    }),
    showNextCode: assign(({ context }) => ({
      qr: showNext(context),
      ...toldWhileShowing(context),
    })),
    hideCode: assign({ qr: ({ context }) => hideCode(context) }),
    endSlot: assign({ qr: ({ context }) => endSlot(context) }),
    keepPairingCode: assign(({ event }) => (event.type === 'pairing.code' ? { pairingCode: event.code } : {})),
    replacePairingCode: assign(({ context, event }) => {
      if (event.type !== 'engine.code' || context.pairingCode === null) return {};
      const { phoneNumber } = context.pairingCode;
      return event.code === null
        ? { pairingCode: null, note: deadCodeNote }
        : { pairingCode: { ...event.code, phoneNumber }, note: newCodeNote };
    }),
    pauseBudget: assign({ qr: ({ context }) => pause(context), pairingCode: null }),
    resumeBudget: assign({ qr: ({ context }) => resume(context) }),
    beginCeremony: assign(({ context, event }) => {
      if (event.type !== 'engine.passkey') return {};
      const expiresAt = Math.min(event.expiresAt, context.clock.now() + context.timings.passkey);
      const passkey = { ceremony: event.ceremony, expiresAt, isAnswered: false, code: null };
      return { passkey, reason: null, message: null, note: null };
    }),
    recordAnswer: assign({ passkey: ({ context }) => context.passkey && { ...context.passkey, isAnswered: true } }),
    recordConfirmationCode: assign(({ context, event }) =>
      event.type === 'engine.passkey.code' && context.passkey
        ? { passkey: { ...context.passkey, isAnswered: true, code: event.code } }
        : {},
    ),
    setCeremonyReason: assign(({ event }) =>
      event.type === 'engine.passkey.ended' ? { reason: event.reason, message: null, note: event.message } : {},
    ),
    endCeremony: assign({ passkey: null }),
    /** A phone that scans is there. */
    recordLinked: assign(({ context, event }) =>
      event.type === 'engine.linked'
        ? {
            me: event.me,
            qr: noQr,
            reason: null,
            message: null,
            note: null,
            pairingCode: null,
            phoneSeenAt: context.clock.now(),
          }
        : {},
    ),
    recordOpen: assign(({ context, event }) =>
      event.type === 'engine.open'
        ? { ...opened, client: event.client, me: event.me, phoneSeenAt: context.phoneSeenAt ?? context.clock.now() }
        : {},
    ),
    recordPhone: assign(({ context, event }) =>
      event.type === 'engine.phone' ? { phoneSeenAt: latestSign(context, event.seenAt) } : {},
    ),
    recordMe: assign(({ event }) => (event.type === 'engine.me' ? { me: event.me } : {})),
    resetAttempts: assign({ attempt: 0, doubts: {} }),
    recordUnlinked: assign(({ event }) => (event.type === 'engine.unlinked' ? { unlinked: event.told } : {})),
    planLogout: assign(({ event }) =>
      event.type === 'logout'
        ? { afterClose: 'logout' as const, afterWipe: event.next, keepArchive: false, unlinked: false }
        : {},
    ),
    planRejection: assign({
      afterClose: 'logout',
      afterWipe: 'failed',
      keepArchive: false,
      unlinked: false,
      reason: 'wrong_phone_number',
      message: 'another phone linked than the one that the config names',
    }),
    recordRestriction: assign(({ context, event }) => {
      if (event.type !== 'engine.restriction') return {};
      const holds = event.restriction !== null || context.restriction !== null;
      return { restriction: event.restriction, ...(holds ? { restrictedAt: context.clock.now() } : {}) };
    }),
    recordCapping: assign(({ event }) => (event.type === 'engine.capping' ? { capping: event.capping } : {})),
    liftRestriction: assign({ restriction: null, restrictedAt: ({ context }) => context.clock.now() }),
    configureEngine: enqueueActions(({ event, enqueue }) => {
      if (event.type === 'configure') enqueue.sendTo('engine', event);
    }),
    planUnlinked: assign({ afterWipe: 'failed', keepArchive: true }),
    wipeTo: assign((_, { state }: { state: AfterWipe }) => ({ afterWipe: state })),
    forgetAccount: assign({ me: null, restriction: null, restrictedAt: null, capping: null, phoneSeenAt: null }),
    probeEngine: sendTo('engine', { type: 'probe' }),
    hangUp: enqueueActions(({ context, enqueue }) => {
      const unlink = context.afterClose === 'logout' && context.client !== null;
      enqueue.sendTo('engine', { type: unlink ? 'unlink' : 'close' });
      enqueue.assign({ client: null, pairing: null, pairingCode: null, passkey: null });
    }),
  },
});
