const kept = 40;

/** Texts that mean something to the server, by the name of the field: what was set up, and what its answers said. */
export class Known {
  readonly #texts = new Map<string, string[]>();

  constructor(texts: Readonly<Record<string, readonly string[]>>) {
    for (const [name, list] of Object.entries(texts)) this.#texts.set(name, [...list]);
  }

  of(field: string): readonly string[] {
    return this.#texts.get(field) ?? this.#texts.get(aliases[field] ?? '') ?? [];
  }

  add(field: string, text: string): void {
    const list = this.#texts.get(field) ?? [];
    if (list.includes(text) || text.length > 300) return;
    this.#texts.set(field, [...list.slice(-kept), text]);
  }

  /** Remembers the ids of messages and of what else the server keeps, wherever they stand in an answer. */
  learn(answer: unknown, depth = 0): void {
    if (typeof answer !== 'object' || answer === null || depth > 5) return;
    for (const [field, value] of Object.entries(answer).slice(0, 30)) {
      if (typeof value === 'string') this.#learnText(field, value);
      else this.learn(value, depth + 1);
    }
  }

  #learnText(field: string, text: string): void {
    if (field !== 'id') return;
    const kind = kinds.find(([pattern]) => pattern.test(text));
    if (kind) this.add(kind[1], text);
  }
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(true|false)_/, 'messageId'],
  [/^whe_/, 'endpoint'],
  [/^dlv_/, 'delivery'],
  [/@g\.us$/, 'group'],
];

const aliases: Readonly<Record<string, string>> = {
  reply_to: 'messageId',
  id: 'messageId',
  message: 'messageId',
  messageIds: 'messageId',
  contactId: 'chatId',
  to: 'chatId',
  chatIds: 'chatId',
  mentions: 'chatId',
  number: 'phone',
  phones: 'phone',
  phoneNumber: 'phone',
  name: 'session',
};
