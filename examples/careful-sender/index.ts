import { type ClientCall, type ClientPolicy, definePlugin, Points, Tokens, Type, tooManyRequests } from 'waha-runtime';

/** Hides card numbers in what is sent, and refuses more than so many messages a minute from one session. */
export default definePlugin({
  name: 'careful-sender',
  description: 'Hides card numbers and limits how much is sent',
  config: Type.Object({ perMinute: Type.Integer({ minimum: 1, default: 20 }) }),
  needs: { clock: Tokens.Clock },
  setup({ name, configFor, contribute, services: { clock } }) {
    const sent = new Map<string, readonly number[]>();
    const policy: ClientPolicy = {
      name,
      // Nothing is sent unread: while this policy is suspended, calls are refused.
      required: true,
      send(call, next) {
        if (!isSending(call)) return next(call);
        const now = clock.now();
        const recent = (sent.get(call.session) ?? []).filter((time) => now - time < 60_000);
        const { perMinute } = configFor(call.session);
        const [oldest = now] = recent;
        if (recent.length >= perMinute) {
          throw tooManyRequests(
            `${perMinute} messages a minute are enough`,
            Math.ceil((oldest + 60_000 - now) / 1_000),
          );
        }
        sent.set(call.session, [...recent, now]);
        return next(redacted(call));
      },
    };
    contribute(Points.ClientPolicy, policy);
  },
});

const isSending = ({ method }: ClientCall): boolean => /^(?:messages|attachments|contents)\.send(?!Seen)/.test(method);

const redacted = (call: ClientCall): ClientCall => {
  if (call.method !== 'messages.sendText') return call;
  const [message] = call.args;
  return { ...call, args: [{ ...message, text: message.text.replace(/\b(?:\d[ -]?){12,15}(\d{4})\b/g, '•••• $1') }] };
};
