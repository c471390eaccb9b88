import { initialContext, machineSetup } from './machine-setup.ts';

/** What follows once a connection that we closed is gone. */
const afterClose = [
  { guard: { type: 'intends', params: { intent: 'restart' } }, target: '#session.alive', reenter: true },
  { guard: { type: 'intends', params: { intent: 'reopen' } }, target: '#session.alive', reenter: true },
  { guard: { type: 'intends', params: { intent: 'backoff' } }, target: '#session.backoff' },
  { guard: { type: 'intends', params: { intent: 'fail' } }, target: '#session.failed' },
  { guard: { type: 'intends', params: { intent: 'logout' } }, target: '#session.wiping' },
  { target: '#session.stopped' },
] as const;

/** A session's lifecycle. DESIGN.md draws it; every transient state has a deadline. */
export const sessionMachine = machineSetup.createMachine({
  id: 'session',
  context: ({ input }) => initialContext(input),
  initial: 'stopped',
  on: { 'engine.me': { actions: ['noteMe', 'reportMe'] } },
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
      entry: 'nextGeneration',
      exit: 'dropConnection',
      invoke: {
        id: 'engine',
        src: 'engine',
        input: ({ context }) => ({ generation: context.generation, connect: context.connect }),
        onError: { target: 'failed', actions: 'noteFault' },
      },
      on: {
        configure: { actions: 'configureEngine' },
        stop: { target: '.closing', actions: { type: 'intend', params: { intent: 'stop' } } },
        restart: {
          target: '.closing',
          actions: ['startAfresh', { type: 'intend', params: { intent: 'restart' } }],
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
              actions: [
                { type: 'blame', params: { reason: 'start_timeout' } },
                { type: 'intend', params: { intent: 'backoff' } },
              ],
            },
          },
          on: {
            'engine.qr': { target: 'pairing.showing', actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'noteLinked' },
            'engine.open': { target: 'working', actions: 'noteOpen' },
          },
        },
        pairing: {
          initial: 'waiting',
          on: {
            'engine.qr': { target: '.showing', reenter: true, actions: 'announceCodes' },
            'engine.linked': { target: 'linking', actions: 'noteLinked' },
            'engine.open': { target: 'working', actions: 'noteOpen' },
            'pairing.code': { actions: 'keepPairingCode' },
          },
          states: {
            waiting: {
              after: {
                codeTimeout: [
                  { guard: 'isBudgetOver', target: 'expired' },
                  {
                    target: '#session.alive.closing',
                    actions: [
                      { type: 'blame', params: { reason: 'start_timeout' } },
                      { type: 'intend', params: { intent: 'backoff' } },
                    ],
                  },
                ],
              },
            },
            showing: {
              entry: ['showNextCode', { type: 'report', params: { status: 'SCAN_QR_CODE' } }],
              after: {
                qrLifetime: [
                  { guard: 'isLastSlot', target: 'expired' },
                  { guard: 'hasCode', target: 'showing', reenter: true, actions: 'endSlot' },
                  {
                    target: '#session.alive.closing',
                    actions: ['endSlot', { type: 'intend', params: { intent: 'reopen' } }],
                  },
                ],
              },
            },
            expired: {
              entry: [
                { type: 'blame', params: { reason: 'qr_timeout' } },
                { type: 'intend', params: { intent: 'fail' } },
              ],
              always: '#session.alive.closing',
            },
          },
        },
        linking: {
          entry: { type: 'report', params: { status: 'STARTING' } },
          after: {
            linkedTimeout: { target: 'closing', actions: { type: 'intend', params: { intent: 'reopen' } } },
          },
          on: { 'engine.open': { target: 'working', actions: 'noteOpen' } },
        },
        working: {
          entry: { type: 'report', params: { status: 'WORKING' } },
          after: { stableAfter: { actions: 'holdsNow' } },
          initial: 'steady',
          states: {
            steady: { after: { probeInterval: 'probing' } },
            probing: {
              entry: 'probeEngine',
              on: { 'engine.alive': 'steady', 'engine.deaf': 'deaf' },
              after: { probeTimeout: 'deaf' },
            },
            deaf: {
              entry: [
                { type: 'blame', params: { reason: 'deaf' } },
                { type: 'intend', params: { intent: 'backoff' } },
              ],
              always: '#session.alive.closing',
            },
          },
        },
        closing: {
          entry: 'hangUp',
          after: { closeGrace: [...afterClose] },
          on: {
            start: {
              guard: { type: 'intends', params: { intent: 'stop' } },
              actions: ['startAfresh', { type: 'intend', params: { intent: 'restart' } }],
            },
            stop: { actions: { type: 'intend', params: { intent: 'stop' } } },
            restart: { actions: ['startAfresh', { type: 'intend', params: { intent: 'restart' } }] },
            logout: { actions: 'planLogout' },
            'engine.unlinked': { actions: 'noteUnlinked' },
            'engine.closed': [...afterClose],
          },
        },
      },
    },
    backoff: {
      entry: ['scheduleRetry', 'reportRetry'],
      after: {
        restartDelay: [
          {
            guard: 'isBudgetOver',
            target: 'failed',
            actions: { type: 'blame', params: { reason: 'qr_timeout' } },
          },
          { target: 'alive' },
        ],
      },
      on: {
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
            actions: ['forgetAccount', 'startAfresh'],
          },
          { guard: { type: 'wipesTo', params: { state: 'failed' } }, target: 'failed', actions: 'forgetAccount' },
          { target: 'stopped', actions: 'forgetAccount' },
        ],
        onError: { target: 'failed', actions: { type: 'blame', params: { reason: 'storage' } } },
      },
      after: { wipeTimeout: { target: 'failed', actions: { type: 'blame', params: { reason: 'storage' } } } },
      on: {
        start: { actions: { type: 'wipeTo', params: { state: 'alive' } } },
        restart: { actions: { type: 'wipeTo', params: { state: 'alive' } } },
        stop: { actions: { type: 'wipeTo', params: { state: 'stopped' } } },
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
