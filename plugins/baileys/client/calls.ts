import { badRequest, notFound, unprocessable } from 'waha-runtime';
import type { Calls, RejectCall } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import type { IncomingCalls, KnownCall } from '../inbound/calls.ts';
import { chatIdOf } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';
import { answered } from '../socket/server-queries.ts';

export interface CallsOptions {
  readonly requests: Requests;
  readonly incoming: IncomingCalls;
  readonly names: LidMappings;
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
}

/** Rejects calls. */
export class BaileysCalls implements Calls {
  readonly #options: CallsOptions;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  async reject({ from, id }: RejectCall): Promise<void> {
    if (!/^[\w.-]{1,128}$/.test(id)) throw badRequest('id must be that of a call');
    const jid = await this.#options.numbers.jidOf(from, 'from');
    const call = this.#options.incoming.find(id);
    if (!call || !(await this.#isFrom(jid, call))) throw notFound(`no call '${id}' of '${from}' came in`);
    if (call.state !== 'ringing') throw unprocessable(`call '${id}' does not ring any more`);
    await this.#options.requests.call('the rejection', async (sock) => {
      const reject = { tag: 'reject', attrs: { 'call-id': id, 'call-creator': call.offer.from, count: '0' } };
      const from = sock.authState.creds.me?.id ?? '';
      const stanza = { tag: 'call', attrs: { from, to: call.offer.from }, content: [reject] };
      answered(await sock.query(stanza));
    });
    this.#options.incoming.rejected(id);
  }

  /** A caller may be named by the number or by the hidden id. */
  async #isFrom(jid: string, { offer }: KnownCall): Promise<boolean> {
    const names = [offer.from, offer.callerPn, await this.#options.names.of(offer.from)];
    return names.some((name) => name !== undefined && chatIdOf(name) === chatIdOf(jid));
  }
}
