import type { LidPair, SessionLibrary } from 'waha-runtime/engine';
import { jidOf } from '../../messages/ids.ts';

/** How many ids one question to the store names. */
const AT_ONCE = 1000;

/** Who is who, for the ids of one answer. */
export class Names {
  readonly #pairs = new Map<string, LidPair>();

  private constructor(pairs: readonly LidPair[]) {
    for (const pair of pairs) {
      this.#pairs.set(pair.lid, pair);
      this.#pairs.set(pair.pn, pair);
    }
  }

  static async of(library: SessionLibrary, ids: readonly string[]): Promise<Names> {
    const people = [...new Set(ids)].filter((id) => /@(c\.us|lid)$/.test(id));
    const options = Array.from({ length: Math.ceil(people.length / AT_ONCE) }, (_, at) =>
      library.pairsOf(people.slice(at * AT_ONCE, (at + 1) * AT_ONCE)),
    );
    return new Names((await Promise.all(options)).flat());
  }

  /** The hidden id; null when there is none, or it is not known. */
  lidOf(id: string): string | null {
    return this.#pairs.get(id)?.lid ?? (id.endsWith('@lid') ? id : null);
  }

  /** The phone number, `<phone>@c.us`. */
  phoneOf(id: string): string | null {
    return this.#pairs.get(id)?.pn ?? (id.endsWith('@c.us') ? id : null);
  }

  /** This id, and the other name of the same person. */
  both(id: string): string[] {
    const pair = this.#pairs.get(id);
    return pair ? [...new Set([id, pair.pn, pair.lid])] : [id];
  }

  /** The other name of the same person; undefined when it is not known. */
  otherOf(id: string): string | undefined {
    return this.both(id).find((name) => name !== id);
  }

  /** The same as Baileys has it; null when it is not known. */
  otherJid(id: string): string | null {
    const other = this.otherOf(id);
    return other === undefined ? null : jidOf(other);
  }

  /** Everything that is known by another name, by both. */
  all(ids: readonly string[]): string[] {
    return [...new Set(ids.flatMap((id) => this.both(id)))];
  }
}
