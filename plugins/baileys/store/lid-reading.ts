import type { LidMapping, LidReading, ListPage } from 'waha-runtime/engine';
import type { Outgoing } from '../client/outgoing.ts';
import { chatIdOf, jidOf } from '../ids.ts';
import type { Memory } from './memory.ts';
import { storeOf } from './store-off.ts';

/** Who is behind a hidden id: from the store, else from what the connection knows. */
export class BaileysLidReading implements LidReading {
  readonly #memory: Memory;
  readonly #outgoing: Outgoing;

  constructor(memory: Memory, outgoing: Outgoing) {
    this.#memory = memory;
    this.#outgoing = outgoing;
  }

  list(page: ListPage): Promise<readonly LidMapping[]> {
    return storeOf(this.#memory).lids(page);
  }

  count(): Promise<number> {
    return storeOf(this.#memory).countLids();
  }

  async byLid(text: string): Promise<LidMapping> {
    const jid = jidOf(text.includes('@') ? text : `${text}@lid`, 'lid');
    const lid = chatIdOf(jid);
    const [stored] = (await this.#memory.library?.pairsOf([lid])) ?? [];
    if (stored) return stored;
    const pn = await this.#outgoing.call('the phone number', (sock) =>
      sock.signalRepository.lidMapping.getPNForLID(jid),
    );
    return { lid, pn: pn ? chatIdOf(pn) : null };
  }

  async byPhone(phone: string): Promise<LidMapping> {
    const jid = jidOf(phone, 'phoneNumber');
    const pn = chatIdOf(jid);
    const [stored] = (await this.#memory.library?.pairsOf([pn])) ?? [];
    if (stored) return stored;
    const lid = await this.#outgoing.call('the hidden id', (sock) => sock.signalRepository.lidMapping.getLIDForPN(jid));
    return { lid: lid ? chatIdOf(lid) : null, pn };
  }
}
