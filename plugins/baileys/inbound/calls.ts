import type { BinaryNode, WACallEvent } from '@whiskeysockets/baileys';
import type { CallPayload } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { jsonSafe } from '../json-safe.ts';
import { identityOf } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Fact } from './event-queue.ts';
import type { Publisher } from './publisher.ts';

const KEPT = 500;

/** A call that came in. */
export interface KnownCall {
  readonly offer: WACallEvent;
  readonly state: 'ringing' | 'accepted' | 'over';
}

export interface CallsOptions {
  readonly publisher: Publisher;
  readonly names: LidMappings;
  tell(fact: Fact): void;
}

type CallEvent = 'call.received' | 'call.accepted' | 'call.rejected';

/**
 * Calls, as events: one `call.received` for each, then `call.accepted` when it is answered on another device, or
 * `call.rejected` when it is declined, given up by the caller, or nobody answers. What follows an answer is not told of.
 */
export class IncomingCalls {
  readonly #options: CallsOptions;
  readonly #calls = new Recent<KnownCall>(KEPT);
  /** Why calls ended, in WhatsApp's words: Baileys leaves it out. */
  readonly #reasons = new Recent<string>(KEPT);

  constructor({ ws, ev }: Pick<BaileysSocket, 'ws' | 'ev'>, options: CallsOptions) {
    this.#options = options;
    ws.prependListener('CB:call', ({ content }: BinaryNode) => {
      const [child] = Array.isArray(content) ? content : [];
      const { 'call-id': id, reason } = child?.attrs ?? {};
      if (id && reason) this.#reasons.set(id, reason);
    });
    ev.on('call', (calls) => {
      for (const call of calls) {
        const { from, callerPn } = call;
        // Baileys learns who is who from messages, not from calls.
        if (callerPn && from.endsWith('@lid')) ev.emit('lid-mapping.update', { lid: from, pn: callerPn });
        this.#hear(call);
      }
    });
  }

  find(id: string): KnownCall | undefined {
    return this.#calls.get(id);
  }

  /** It was rejected here. */
  rejected(id: string): void {
    const call = this.#calls.get(id);
    if (call) this.#end({ ...call.offer, date: new Date(), status: 'reject' }, call, 'call.rejected');
  }

  #hear(call: WACallEvent): void {
    if (!call.id || !call.from || this.#isOwn(call.from)) return;
    const known = this.#calls.get(call.id);
    if (call.status === 'offer') {
      if (known) return;
      this.#calls.set(call.id, { offer: call, state: 'ringing' });
      this.#tell('call.received', call, call);
      return;
    }
    const event = outcomeOf(call, this.#reasons.get(call.id));
    if (event) this.#end(call, known ?? { offer: call, state: 'ringing' }, event);
  }

  /** Calls that we make with the phone. */
  #isOwn(jid: string): boolean {
    const { me } = this.#options.publisher;
    return me !== null && (chatIdOf(jid) === me.id || chatIdOf(jid) === me.lid);
  }

  #end(call: WACallEvent, { offer, state }: KnownCall, event: CallEvent): void {
    const id = call.id;
    this.#calls.set(id, { offer, state: event === 'call.accepted' ? 'accepted' : 'over' });
    if (state === 'ringing') this.#tell(event, call, offer);
  }

  #tell(event: CallEvent, call: WACallEvent, offer: WACallEvent): void {
    const { publisher, names, tell } = this.#options;
    let alt: string | undefined = call.callerPn ?? offer.callerPn;
    const look = async (): Promise<void> => {
      if (!alt || !call.from.endsWith('@lid')) alt = await names.of(call.from);
    };
    const timestamp = Math.floor(call.date.getTime() / 1000);
    tell({
      prepared: look(),
      publish: () =>
        publisher.publish(event, payloadOf(call, offer, alt, timestamp), {
          identity: `call:${call.id}:${event}`,
          timestamp: timestamp * 1000,
        }),
    });
  }
}

const outcomeOf = ({ status }: WACallEvent, reason: string | undefined): CallEvent | null => {
  if (status === 'accept') return 'call.accepted';
  if (status === 'reject' || status === 'timeout') return 'call.rejected';
  if (status !== 'terminate') return null;
  return reason?.startsWith('accepted') ? 'call.accepted' : 'call.rejected';
};

const payloadOf = (call: WACallEvent, offer: WACallEvent, alt: string | undefined, timestamp: number): CallPayload => ({
  id: call.id,
  from: chatIdOf(offer.from),
  ...(alt ? { fromAlt: chatIdOf(alt) } : {}),
  ...identified(identityOf(offer.from, alt)),
  timestamp,
  isVideo: offer.isVideo === true,
  isGroup: offer.isGroup === true,
  ...(offer.groupJid ? { groupId: offer.groupJid } : {}),
  _data: jsonSafe(call),
});

const identified = (fromIdentity: ReturnType<typeof identityOf>) => (fromIdentity ? { fromIdentity } : {});
