import { and } from 'xstate';
import { initialContext, machineSetup } from './machine-setup.ts';
import { ceremonyEnded, passkey } from './passkey-states.ts';
import { working } from './working.ts';

const closeTo = <I extends string>(afterClose: I) => ({ type: 'closeTo', params: { afterClose } }) as const;
const closesTo = <I extends string>(afterClose: I) => ({ type: 'closesTo', params: { afterClose } }) as const;
const wipeTo = <S extends string>(state: S) => ({ type: 'wipeTo', params: { state } }) as const;

const reportCodes = { type: 'report', params: { status: 'SCAN_QR_CODE' } } as const;

/** What follows once a connection that we closed is gone. */
const onceClosed = [
  { guard: closesTo('restart'), target: '#session.alive', reenter: true },
  { guard: closesTo('reopen'), target: '#session.alive', reenter: true },
  { guard: closesTo('backoff'), target: '#session.backoff' },
  { guard: closesTo('fail'), target: '#session.failed' },
  { guard: closesTo('logout'), target: '#session.wiping' },
  { target: '#session.stopped' },
] as const;

/** Logged in: as the phone that the config wants, if it wants one. */
const opened = [
  { guard: 'isWrongPhone', target: '#session.alive.closing', actions: ['recordOpen', 'planRejection'] },
  { target: '#session.alive.working', actions: ['recordOpen', 'reportAccountHistory'] },
] as const;

/** The wait for the next attempt is over. */
const retry = [{ guard: 'isBudgetOver', target: 'failed', actions: 'setTimeoutReason' }, { target: 'alive' }] as const;

/** A session's lifecycle. docs/architecture.md draws it; every transient state has a deadline. */
export const sessionMachine = machineSetup.createMachine({
  id: 'session',
  context: ({ input }) => initialContext(input),
  initial: 'stopped',
  on: {
    'engine.me': { actions: ['recordMe', 'reportMe'] },
    'engine.restriction': { actions: ['recordRestriction', 'reportAccountHistory'] },
    'engine.capping': { actions: ['recordCapping', 'reportAccountHistory'] },
    'engine.phone': { actions: ['recordPhone', 'reportAccountHistory'] },
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
        input: ({ context }) => ({ connect: context.connect }),
        onError: { target: 'failed', actions: 'recordFault' },
      },
      on: {
        configure: { actions: 'configureEngine' },
        stop: { target: '.closing', actions: closeTo('stop') },
        restart: {
          target: '.closing',
          actions: ['startAfresh', closeTo('restart')],
        },
        logout: { target: '.closing', actions: 'planLogout' },
        'engine.closed': [
          { guard: 'isUnlinking', target: 'wiping', actions: ['recordClose', 'planUnlinked'] },
          { guard: 'isTerminal', target: 'failed', actions: 'recordClose' },
          { guard: 'isReopen', target: 'alive', reenter: true, actions: 'countReopen' },
          { guard: 'isOutOfCodes', target: 'alive', reenter: true, actions: 'countReopen' },
          { target: 'backoff', actions: 'recordClose' },
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
              actions: [{ type: 'setReason', params: { reason: 'start_timeout' } }, closeTo('backoff')],
            },
          },
          on: {
            'engine.qr': { target: 'pairing.showing', actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'recordLinked' },
            'engine.open': [...opened],
          },
        },
        pairing: {
          initial: 'waiting',
          on: {
            'engine.qr': { target: '.showing', reenter: true, actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'recordLinked' },
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
                    actions: [{ type: 'setReason', params: { reason: 'start_timeout' } }, closeTo('backoff')],
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
                    actions: ['endSlot', closeTo('reopen')],
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
                  { target: '#session.alive.closing', actions: closeTo('reopen') },
                ],
              },
            },
            expired: {
              entry: ['setTimeoutReason', closeTo('fail')],
              always: '#session.alive.closing',
            },
          },
        },
        linking: {
          entry: { type: 'report', params: { status: 'STARTING' } },
          after: {
            linkedTimeout: { target: 'closing', actions: closeTo('reopen') },
          },
          on: { 'engine.open': [...opened] },
        },
        passkey: {
          ...passkey,
          on: {
            ...passkey.on,
            'engine.linked': { target: 'linking', actions: 'recordLinked' },
            'engine.open': [...opened],
          },
        },
        working,
        closing: {
          entry: 'hangUp',
          after: { closeGrace: [...onceClosed] },
          on: {
            start: [
              { guard: closesTo('logout'), actions: wipeTo('alive') },
              { guard: 'closesForGood', actions: ['startAfresh', closeTo('restart')] },
            ],
            stop: [{ guard: closesTo('logout'), actions: wipeTo('stopped') }, { actions: closeTo('stop') }],
            restart: [
              { guard: closesTo('logout'), actions: wipeTo('alive') },
              { actions: ['startAfresh', closeTo('restart')] },
            ],
            logout: { actions: 'planLogout' },
            'engine.unlinked': { actions: 'recordUnlinked' },
            'engine.closed': [...onceClosed],
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
        onError: { target: 'failed', actions: { type: 'setReason', params: { reason: 'storage' } } },
      },
      after: { wipeTimeout: { target: 'failed', actions: { type: 'setReason', params: { reason: 'storage' } } } },
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
