import { hash } from 'node:crypto';
import { type Clock, type Collection, type Database, defineCollection, type RowOf } from 'waha-runtime';

const schema = defineCollection({
  name: 'chatwoot_messages',
  columns: {
    app: { type: 'text' },
    /** What names the message in Chatwoot, `source_id`: the id of the message in WhatsApp, or of an event about one. */
    source: { type: 'text' },
    /** The bare id of the message in WhatsApp. */
    whatsapp: { type: 'text' },
    /** The full one. */
    full: { type: 'text' },
    conversation: { type: 'integer' },
    /** Chatwoot's id; null while it is not known whether it was posted. */
    chatwoot: { type: 'integer', nullable: true },
    /** `out`: an agent wrote it in Chatwoot. */
    direction: { type: 'text' },
    /** How far it has come, as WhatsApp numbers it. */
    ack: { type: 'integer' },
    /** The hash of what an agent wrote: another one is an edit. */
    content: { type: 'text', nullable: true },
    /** We took it back ourselves. */
    removed: { type: 'integer' },
    at: { type: 'integer' },
  },
  key: ['app', 'source'],
  indexes: [['app', 'whatsapp'], ['app', 'chatwoot'], ['at']],
});

/** A message as both sides know it. */
export type MappedMessage = RowOf<typeof schema>;

/** `true_123@c.us_3EB0_…` → `3EB0`; a bare id is itself. */
export const bareId = (id: string): string => id.split('_')[2] ?? id;

/** `true_123@c.us_3EB0` → `123@c.us`. */
export const chatOfId = (id: string): string | undefined => id.split('_')[1];

/** By which a later edit is told from the same text. */
export const contentHash = (text: string): string => hash('sha256', text, 'base64url');

/** Which message in Chatwoot is which one in WhatsApp, kept in the database of the event log. */
export class MessageMap {
  readonly #rows: Collection<MappedMessage>;
  readonly #clock: Pick<Clock, 'now'>;

  private constructor(rows: Collection<MappedMessage>, clock: Pick<Clock, 'now'>) {
    this.#rows = rows;
    this.#clock = clock;
  }

  static async open(database: Database, clock: Pick<Clock, 'now'>): Promise<MessageMap> {
    return new MessageMap(await database.open(schema), clock);
  }

  get(app: string, source: string): Promise<MappedMessage | null> {
    return this.#rows.get({ app, source });
  }

  /** By the id in WhatsApp, full or bare. */
  async byWhatsApp(app: string, id: string): Promise<MappedMessage | null> {
    const found = await this.#rows.find({ where: { app, whatsapp: bareId(id) } });
    return found.find(({ source }) => bareId(source) === bareId(id)) ?? found[0] ?? null;
  }

  /** All messages in WhatsApp that one of Chatwoot became: its text and its files. */
  byChatwoot(app: string, chatwoot: number): Promise<MappedMessage[]> {
    return this.#rows.find({ where: { app, chatwoot }, orderBy: [{ column: 'at' }] });
  }

  async put(row: Omit<MappedMessage, 'at' | 'removed' | 'ack' | 'content'> & Partial<MappedMessage>): Promise<void> {
    await this.#rows.put({ ack: 0, content: null, removed: 0, at: Math.floor(this.#clock.now()), ...row });
  }

  async forget(app: string): Promise<void> {
    await this.#rows.remove({ app });
  }

  async forgetBefore(time: number): Promise<void> {
    await this.#rows.remove({ at: { lt: time } });
  }
}
