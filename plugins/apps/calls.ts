import {
  appType,
  type Clock,
  isRuntimeError,
  pause,
  type RuntimeEvent,
  type Sessions,
  type Static,
  Type,
} from 'waha-runtime';

const seconds = (description: string) =>
  Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 300 }), Type.Null()], { description }));

const CallsChannel = Type.Object({
  reject: Type.Boolean({ default: true }),
  message: Type.Optional(
    Type.Union([Type.String({ maxLength: 4_096 }), Type.Null()], {
      description: 'The message to the caller after the rejection',
    }),
  ),
  waitBeforeDecline: seconds('How long it rings (seconds)'),
  waitBeforeResponse: seconds('How long after that the message follows (seconds)'),
});
type CallsChannel = Static<typeof CallsChannel>;

const CallsConfig = Type.Object({
  dm: Type.Unsafe<CallsChannel>({ ...CallsChannel, default: { reject: true } }),
  group: Type.Unsafe<CallsChannel>({ ...CallsChannel, default: { reject: true } }),
});

/** How long who calls sees that we are typing (ms). */
const typing = 2_000;
/** So many calls of one session are handled at a time; who rings beyond that goes on ringing. */
const maxRinging = 100;

interface Parts {
  readonly sessions: Sessions;
  readonly clock: Clock;
}

/** Rejects calls, and tells who called why. Those of groups have settings of their own. */
export const callsApp = (parts: Parts) =>
  appType({
    type: 'calls',
    description: 'Rejects calls, and answers with a message',
    config: CallsConfig,
    start({ session, config, signal, log, on }) {
      let ringing = 0;
      on('call.received', async ({ payload }) => {
        const { reject, ...how } = payload.isGroup ? config.group : config.dm;
        if (!reject || ringing >= maxRinging) return;
        ringing++;
        try {
          await answer(parts, session, payload, how, signal);
        } catch (error) {
          // Who called has hung up, or somebody picked up the phone.
          if (!isRuntimeError(error, 'UNPROCESSABLE') && !isRuntimeError(error, 'NOT_FOUND')) throw error;
          log.debug(`a call is not rejected: ${error.message}`);
        } finally {
          ringing--;
        }
      });
      return undefined;
    },
  });

const answer = async (
  { sessions, clock }: Parts,
  session: string,
  { id, from }: RuntimeEvent<'call.received'>['payload'],
  { message, waitBeforeDecline, waitBeforeResponse }: Omit<CallsChannel, 'reject'>,
  signal: AbortSignal,
): Promise<void> => {
  const wait = async (ms: number): Promise<boolean> => {
    if (ms > 0) await pause(ms, clock, signal);
    return !signal.aborted;
  };
  if (!(await wait((waitBeforeDecline ?? 0) * 1_000))) return;
  await (await sessions.capability(session, 'calls')).reject({ from, id });
  if (!message) return;
  if (!(await wait((waitBeforeResponse ?? 0) * 1_000))) return;
  const { presence, messages } = await sessions.client(session);
  await presence?.setChatState(from, 'typing');
  const isOn = await wait(typing);
  await presence?.setChatState(from, 'paused');
  if (isOn) await messages.sendText({ chatId: from, text: message });
};
