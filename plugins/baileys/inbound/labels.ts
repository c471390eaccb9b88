import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { type Label, SerialQueue } from 'waha-runtime';
import { type LabelLink, type LibraryNews, labelColorHex, type StoredLabel } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import { numberOf } from '../json-safe.ts';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { EventQueue } from './event-queue.ts';
import type { Publisher } from './publisher.ts';

/** How many labels and links are remembered for a session without a store. */
const KEPT = 5000;

/** One change of the app state that is about labels. */
export type LabelChange =
  | { readonly label: StoredLabel; readonly deleted: boolean }
  | { readonly link: LabelLink; readonly labelled: boolean };

export interface LabelsOptions {
  readonly publisher: Publisher;
  readonly people: Pick<People, 'of'>;
  readonly messageStore: MessageStore;
  readonly queue: EventQueue;
}

/** A label in the form of events and answers. */
export const labelOf = ({ id, name, color }: StoredLabel): Label => ({
  ...{ id, name, color },
  colorHex: labelColorHex(color),
});

/**
 * Labels that come, change and go, on the phone, on another device or by our doing. What holds already is no change: after a
 * hash that does not fit, Baileys reads the whole app state again and tells of all of it.
 */
export class LabelBook {
  readonly #options: LabelsOptions;
  /** Each batch stands on what the one before left. */
  readonly #turns = new SerialQueue();
  /** For sessions without a store; null is a label that was deleted. */
  readonly #labels = new Recent<StoredLabel | null>(KEPT);
  readonly #links = new Recent<boolean>(KEPT);
  #batch: LabelChange[] = [];

  constructor({ ev }: Pick<BaileysSocket, 'ev'>, options: LabelsOptions) {
    this.#options = options;
    ev.on('labels.edit', ({ id, name, color, deleted }) =>
      this.#hear({ label: { id, name: name ?? '', color: numberOf(color) }, deleted: deleted === true }),
    );
    ev.on('labels.association', (change) => this.#hear(linkChange(change)));
  }

  /** Changed from here. Resolves when it is stored and told of. */
  changed(change: LabelChange): Promise<void> {
    return this.#turns.run(() => this.#take([change]));
  }

  /** A sync brings many at once, in no order: a chat may come before its label. They are taken together. */
  #hear(change: LabelChange): void {
    this.#batch.push(change);
    if (this.#batch.length > 1) return;
    this.#options.queue.push(() => {
      const batch = this.#batch;
      this.#batch = [];
      return this.#turns.run(() => this.#take(batch));
    });
  }

  async #take(batch: readonly LabelChange[]): Promise<void> {
    const { messageStore } = this.#options;
    const known = await this.#known(batch);
    const labels = batch.filter((change) => 'label' in change);
    const links = batch.filter((change) => 'link' in change);
    const facts = [...labels.map((one) => this.#label(one, known)), ...links.map((one) => this.#link(one, known))];
    const made = facts.filter((fact) => fact !== null);
    for (const { news } of made) await messageStore.learn(news);
    await Promise.all(made.map((fact) => fact.publish()));
  }

  #label({ label, deleted }: Extract<LabelChange, { label: unknown }>, known: Known): Fact | null {
    const before = known.labels.get(label.id);
    if (deleted ? before === null : before && before.name === label.name && before.color === label.color) return null;
    known.labels.set(label.id, deleted ? null : label);
    this.#labels.set(label.id, deleted ? null : label);
    // Who deletes a label may leave out how it was called.
    const told = labelOf(deleted && before ? before : label);
    const news = deleted ? { removedLabels: [label.id] } : { labels: [label] };
    return {
      news,
      publish: () => this.#options.publisher.publish(deleted ? 'label.deleted' : 'label.upsert', told, {}),
    };
  }

  #link({ link, labelled }: Extract<LabelChange, { link: unknown }>, known: Known): Fact | null {
    const key = keyOf(link);
    if (known.links.get(key) === labelled) return null;
    known.links.set(key, labelled);
    this.#links.set(key, labelled);
    const { labelId, chatId, messageId } = link;
    const label = known.labels.get(labelId);
    const { publisher, people } = this.#options;
    return {
      news: labelled ? { labelled: [link] } : { unlabelled: [link] },
      // WAHA tells of labels on chats only.
      publish: async () => {
        if (messageId !== undefined) return;
        const who = await people.of(chatId);
        const chat = { chatId, ...(who ? { chatIdentity: who } : {}) };
        const payload = { labelId, ...chat, label: label ? labelOf(label) : null };
        await publisher.publish(labelled ? 'label.chat.added' : 'label.chat.deleted', payload, {});
      },
    };
  }

  /** What holds before the batch. A store says of everything whether it is there; memory only of what it has seen. */
  async #known(batch: readonly LabelChange[]): Promise<Known> {
    const { library } = this.#options.messageStore;
    if (!library) return { labels: this.#labels, links: this.#links };
    const stored = new Map<string, StoredLabel | null>((await library.labels()).map((label) => [label.id, label]));
    const labelIds = [...new Set(batch.flatMap((change) => ('link' in change ? [change.link.labelId] : [])))];
    const links = await Promise.all(labelIds.map((labelId) => library.labelLinks({ labelId })));
    const linked = new Map(links.flat().map((link) => [keyOf(link), true]));
    return { labels: whole(stored, null), links: whole(linked, false) };
  }
}

interface Fact {
  readonly news: LibraryNews;
  publish(): Promise<void>;
}

interface Lookup<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

interface Known {
  readonly labels: Lookup<StoredLabel | null>;
  readonly links: Lookup<boolean>;
}

const whole = <V>(map: Map<string, V>, absent: V): Lookup<V> => ({
  get: (key) => map.get(key) ?? absent,
  set: (key, value) => void map.set(key, value),
});

const keyOf = ({ labelId, chatId, messageId = '' }: LabelLink): string => `${labelId} ${chatId} ${messageId}`;

const linkChange = ({ association, type }: BaileysEventMap['labels.association']): LabelChange => {
  const { labelId, chatId } = association;
  const message = 'messageId' in association ? { messageId: association.messageId } : {};
  return { link: { labelId, chatId: chatIdOf(chatId), ...message }, labelled: type === 'add' };
};
