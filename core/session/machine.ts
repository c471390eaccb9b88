import { and } from 'xstate';
import { initialContext, machineSetup } from './machine-setup.ts';
import { ceremonyEnded, passkey } from './passkey-states.ts';
import { working } from './working.ts';

const intend = <I extends string>(intent: I) => ({ type: 'intend', params: { intent } }) as const;
const intends = <I extends string>(intent: I) => ({ type: 'intends', params: { intent } }) as const;
const wipeTo = <S extends string>(state: S) => ({ type: 'wipeTo', params: { state } }) as const;

const reportCodes = { type: 'report', params: { status: 'SCAN_QR_CODE' } } as const;

/** What follows once a connection that we closed is gone. */
const afterClose = [
  { guard: intends('restart'), target: '#session.alive', reenter: true },
  { guard: intends('reopen'), target: '#session.alive', reenter: true },
  { guard: intends('backoff'), target: '#session.backoff' },
  { guard: intends('fail'), target: '#session.failed' },
  { guard: intends('logout'), target: '#session.wiping' },
  { target: '#session.stopped' },
] as const;

/** Logged in: as the phone that the config wants, if it wants one. */
const opened = [
  { guard: 'isWrongPhone', target: '#session.alive.closing', actions: ['noteOpen', 'planRejection'] },
  { target: '#session.alive.working', actions: ['noteOpen', 'reportAccountHistory'] },
] as const;

/** The wait for the next attempt is over. */
const retry = [{ guard: 'isBudgetOver', target: 'failed', actions: 'blameBudget' }, { target: 'alive' }] as const;

/** A session's lifecycle. docs/architecture.md draws it; every transient state has a deadline. */
export const sessionMachine = machineSetup.createMachine({
  id: 'session',
  context: ({ input }) => initialContext(input),
  initial: 'stopped',
  on: {
    'engine.me': { actions: ['noteMe', 'reportMe'] },
    'engine.restriction': { actions: ['noteRestriction', 'reportAccountHistory'] },
    'engine.capping': { actions: ['noteCapping', 'reportAccountHistory'] },
    'engine.phone': { actions: ['notePhone', 'reportAccountHistory'] },
  },
  states: {
    stopped: {
      entry: ['startAfresh', { type: 'report', params: { status: 'STOPPED' } }],
      on: {
        start: 'alive',
        restart: 'alive',
        logout: { target: 'wiping', actions: 'planLogout' },
      },
    },
    alive: {
      entry: 'beginConnection',
      exit: 'dropConnection',
      invoke: {
        id: 'engine',
        src: 'engine',
        input: ({ context }) => ({ generation: context.generation, connect: context.connect }),
        onError: { target: 'failed', actions: 'noteFault' },
      },
      on: {
        configure: { actions: 'configureEngine' },
        stop: { target: '.closing', actions: intend('stop') },
        restart: {
          target: '.closing',
          actions: ['startAfresh', intend('restart')],
        },
        logout: { target: '.closing', actions: 'planLogout' },
        'engine.closed': [
          { guard: 'isUnlinking', target: 'wiping', actions: ['noteClose', 'planUnlinked'] },
          { guard: 'isTerminal', target: 'failed', actions: 'noteClose' },
          { guard: 'isReopen', target: 'alive', reenter: true, actions: 'countReopen' },
          { guard: 'isOutOfCodes', target: 'alive', reenter: true, actions: 'countReopen' },
          { target: 'backoff', actions: 'noteClose' },
        ],
      },
      initial: 'choosing',
      states: {
        choosing: { always: [{ guard: 'isPairing', target: 'pairing' }, { target: 'starting' }] },
        starting: {
          entry: { type: 'report', params: { status: 'STARTING' } },
          after: {
            startTimeout: {
              target: 'closing',
              actions: [{ type: 'blame', params: { reason: 'start_timeout' } }, intend('backoff')],
            },
          },
          on: {
            'engine.qr': { target: 'pairing.showing', actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'noteLinked' },
            'engine.open': [...opened],
          },
        },
        pairing: {
          initial: 'waiting',
          on: {
            'engine.qr': { target: '.showing', reenter: true, actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'noteLinked' },
            'engine.open': [...opened],
            'engine.passkey': { target: 'passkey', actions: 'beginCeremony' },
            'engine.passkey.ended': ceremonyEnded,
            'pairing.code': { actions: 'keepPairingCode' },
            'engine.code': { guard: 'hasPairingCode', actions: ['replacePairingCode', reportCodes] },
          },
          states: {
            waiting: {
              after: {
                codeTimeout: [
                  { guard: 'isBudgetOver', target: 'expired' },
                  {
                    target: '#session.alive.closing',
                    actions: [{ type: 'blame', params: { reason: 'start_timeout' } }, intend('backoff')],
                  },
                ],
              },
            },
            showing: {
              entry: ['showNextCode', reportCodes],
              on: {
                'engine.qr.refreshed': {
                  actions: ['refreshCodes', reportCodes],
                },
              },
              after: {
                qrLifetime: [
                  { guard: and(['isCodeLive', 'isLastSlot']), target: 'typing' },
                  { guard: 'isLastSlot', target: 'expired' },
                  { guard: 'hasCode', target: 'showing', reenter: true, actions: 'endSlot' },
                  { guard: 'isCodeLive', target: 'typing', actions: 'endSlot' },
                  {
                    target: '#session.alive.closing',
                    actions: ['endSlot', intend('reopen')],
                  },
                ],
              },
            },
            /** Nothing to scan is left, but a pairing code may still be typed. */
            typing: {
              entry: 'hideCode',
              on: {
                'pairing.code': { target: 'typing', reenter: true, actions: 'keepPairingCode' },
                'engine.code': { target: 'typing', reenter: true, actions: ['replacePairingCode', reportCodes] },
              },
              after: {
                codeLifetime: [
                  { guard: 'isBudgetOver', target: 'expired' },
                  { target: '#session.alive.closing', actions: intend('reopen') },
                ],
              },
            },
            expired: {
              entry: ['blameBudget', intend('fail')],
              always: '#session.alive.closing',
            },
          },
        },
        linking: {
          entry: { type: 'report', params: { status: 'STARTING' } },
          after: {
            linkedTimeout: { target: 'closing', actions: intend('reopen') },
          },
          on: { 'engine.open': [...opened] },
        },
        passkey: {
          ...passkey,
          on: {
            ...passkey.on,
            'engine.linked': { target: 'linking', actions: 'noteLinked' },
            'engine.open': [...opened],
          },
        },
        working,
        closing: {
          entry: 'hangUp',
          after: { closeGrace: [...afterClose] },
          on: {
            start: [
              { guard: intends('logout'), actions: wipeTo('alive') },
              { guard: 'endsAfterwards', actions: ['startAfresh', intend('restart')] },
            ],
            stop: [{ guard: intends('logout'), actions: wipeTo('stopped') }, { actions: intend('stop') }],
            restart: [
              { guard: intends('logout'), actions: wipeTo('alive') },
              { actions: ['startAfresh', intend('restart')] },
            ],
            logout: { actions: 'planLogout' },
            'engine.unlinked': { actions: 'noteUnlinked' },
            'engine.closed': [...afterClose],
          },
        },
      },
    },
    backoff: {
      entry: ['scheduleRetry', 'reportReconnect', 'reportRetry'],
      after: {
        restartDelay: [...retry],
      },
      on: {
        wake: [...retry],
        stop: 'stopped',
        restart: { target: 'alive', actions: 'startAfresh' },
        logout: { target: 'wiping', actions: 'planLogout' },
      },
    },
    wiping: {
      invoke: {
        src: 'wipe',
        input: ({ context }) => ({ wipe: context.wipe, keepArchive: context.keepArchive }),
        onDone: [
          {
            guard: { type: 'wipesTo', params: { state: 'alive' } },
            target: 'alive',
            actions: ['forgetAccount', 'reportAccountHistory', 'startAfresh'],
          },
          {
            guard: { type: 'wipesTo', params: { state: 'failed' } },
            target: 'failed',
            actions: ['forgetAccount', 'reportAccountHistory'],
          },
          { target: 'stopped', actions: ['forgetAccount', 'reportAccountHistory'] },
        ],
        onError: { target: 'failed', actions: { type: 'blame', params: { reason: 'storage' } } },
      },
      after: { wipeTimeout: { target: 'failed', actions: { type: 'blame', params: { reason: 'storage' } } } },
      on: {
        start: { actions: wipeTo('alive') },
        restart: { actions: wipeTo('alive') },
        stop: { actions: wipeTo('stopped') },
        logout: { actions: 'planLogout' },
      },
    },
    failed: {
      entry: { type: 'report', params: { status: 'FAILED' } },
      on: {
        start: { target: 'alive', actions: 'startAfresh' },
        restart: { target: 'alive', actions: 'startAfresh' },
        stop: 'stopped',
        logout: { target: 'wiping', actions: 'planLogout' },
      },
    },
  },
});
