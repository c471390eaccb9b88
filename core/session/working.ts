import { machineSetup } from './machine-setup.ts';

/** WORKING still, but something about it is new. */
const restate = <A extends string>(update: A) => ({ type: 'report', params: { status: 'WORKING', update } }) as const;

/** WORKING: the account is connected. What is watched meanwhile goes on side by side. */
export const working = machineSetup.createStateConfig({
  entry: { type: 'report', params: { status: 'WORKING' } },
  after: { stableAfter: { actions: 'resetAttempts' } },
  type: 'parallel',
  states: {
    liveness: {
      initial: 'steady',
      states: {
        steady: { after: { probeInterval: 'probing' }, on: { wake: 'probing' } },
        probing: {
          entry: 'probeEngine',
          on: { 'engine.alive': 'steady', 'engine.deaf': 'deaf' },
          after: { halfProbeTimeout: 'waiting' },
        },
        // A process that was paused finds its timers due before it reads what came meanwhile: one more timer lets it read.
        waiting: {
          on: { 'engine.alive': 'steady', 'engine.deaf': 'deaf' },
          after: { halfProbeTimeout: 'deaf' },
        },
        deaf: {
          entry: [
            { type: 'setReason', params: { reason: 'deaf' } },
            { type: 'closeTo', params: { afterClose: 'backoff' } },
          ],
          always: '#session.alive.closing',
        },
      },
    },
    restriction: {
      initial: 'free',
      on: {
        'engine.restriction': [
          {
            guard: 'restricts',
            target: '.locked',
            actions: ['recordRestriction', 'reportAccountHistory', restate('restriction')],
          },
          {
            guard: 'lifts',
            target: '.free',
            actions: ['liftRestriction', 'reportAccountHistory', restate('restriction')],
          },
        ],
      },
      states: {
        free: { always: { guard: 'isRestricted', target: 'locked' } },
        locked: {
          after: {
            restrictionStep: [
              {
                guard: 'isRestrictionOver',
                target: 'free',
                actions: ['liftRestriction', 'reportAccountHistory', restate('restriction')],
              },
              { target: 'locked', reenter: true },
            ],
          },
        },
      },
    },
    quota: {
      on: {
        'engine.capping': {
          guard: 'changesCapping',
          actions: ['recordCapping', 'reportAccountHistory', restate('capping')],
        },
      },
    },
    phone: {
      initial: 'unknown',
      states: {
        unknown: {
          always: [{ guard: 'isPhoneSilent', target: 'silent', actions: 'reportWarning' }, { target: 'heard' }],
        },
        heard: {
          after: {
            phoneStep: [
              { guard: 'isPhoneSilent', target: 'silent', actions: ['reportWarning', restate('phone')] },
              { target: 'heard', reenter: true },
            ],
          },
        },
        silent: {
          on: {
            'engine.phone': [
              {
                guard: 'speaksAgain',
                target: 'heard',
                actions: ['recordPhone', 'reportAccountHistory', restate('phone')],
              },
              { actions: ['recordPhone', 'reportAccountHistory'] },
            ],
          },
        },
      },
    },
  },
});
