import { type RuntimeInfo, type Sessions, type Shutdown, sentence } from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import type { Parties } from '../outward/parties.ts';
import type { PostOnce } from '../outward/post-once.ts';
import { emojiOf } from '../outward/session-news.ts';
import type { Attachment } from '../server/chatwoot-server.ts';
import { ServerAway } from '../server/failures.ts';
import type { TextName } from '../texts/english.ts';
import type { Texts } from '../texts/texts.ts';
import type { Task } from './task.ts';
import { commandPrefix } from './webhook-body.ts';

export interface CommandParts {
  readonly session: string;
  readonly config: ChatwootConfig;
  /** Whether the YAML lets agents do what concerns the whole server. */
  readonly serverCommands: boolean;
  readonly sessions: Sessions;
  readonly runtime: RuntimeInfo;
  readonly shutdown: Shutdown;
  readonly texts: Texts;
  readonly parties: Parties;
  readonly posts: PostOnce;
  waiting(): Promise<number>;
}

interface Answer {
  readonly text: string;
  readonly attachment?: Attachment;
}

const numbered = ['status', 'restart', 'start', 'stop', 'logout', 'qr', 'screenshot', 'help'] as const;

/** What agents ask for in the conversation with the session itself, or behind `wa/` anywhere. */
export class Commands {
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  /** Does a command and answers it, once. What does not work is the answer. */
  async run({ content, message }: Extract<Task, { readonly kind: 'command' }>): Promise<void> {
    const { texts, parties, posts } = this.#parts;
    const asked = content.trim().toLowerCase().replace(commandPrefix, '').replace(/\s+/g, ' ').trim();
    const command = numbered[Number(asked) - 1] ?? asked;
    const answer = await this.#answer(command).catch((error): Answer => {
      if (error instanceof ServerAway) throw error;
      return { text: texts.of('app.commands.failed', { command, error: sentence(error) }) };
    });
    const { text, attachment } = answer;
    const sourceId = `command:${message}`;
    await posts.post(parties.ofSession(), {
      content: text,
      type: 'incoming',
      sourceId,
      whatsapp: sourceId,
      attachment,
    });
    if (command === 'server reboot' && this.#mayServer) this.#parts.shutdown.request();
  }

  get #mayServer(): boolean {
    return this.#parts.serverCommands && (this.#parts.config.commands?.server ?? true);
  }

  async #answer(command: string): Promise<Answer> {
    const { session, sessions, texts } = this.#parts;
    switch (command) {
      case 'start':
      case 'stop':
      case 'restart':
        await sessions[command](session);
        return this.#status();
      case 'status':
        return this.#status();
      case 'logout':
        await sessions.logout(session);
        return { text: texts.of('app.logout.success') };
      case 'qr':
      case 'screenshot':
        return this.#picture();
      case 'queue status':
        return this.#queue();
      case 'server status':
      case 'server reboot':
        return this.#server(command);
      default:
        return this.#help();
    }
  }

  #status(): Answer {
    const { session, sessions, texts } = this.#parts;
    const { status, me } = sessions.get(session);
    const values = { emoji: emojiOf(status), session, status, name: me?.pushName, id: me?.id };
    return { text: texts.of('app.session.current.status', values) };
  }

  async #picture(): Promise<Answer> {
    const { session, sessions, texts } = this.#parts;
    if (sessions.get(session).status === 'WORKING') return this.#status();
    const { value } = await sessions.qr(session);
    const { default: qrcode } = await import('qrcode');
    const bytes = await qrcode.toBuffer(value, { type: 'png', scale: 6, margin: 4 });
    const attachment = { name: 'qr.png', mimetype: 'image/png', bytes };
    return { text: texts.of('app.session.scan.qr.code'), attachment };
  }

  async #queue(): Promise<Answer> {
    const { config, texts, waiting } = this.#parts;
    if (!config.commands?.queue) return this.#help();
    return { text: texts.of('app.queue.status', { waiting: await waiting() }) };
  }

  #server(command: 'server status' | 'server reboot'): Answer {
    const { texts, runtime, sessions } = this.#parts;
    if (!this.#mayServer) return { text: texts.of('app.commands.server.disabled') };
    if (command === 'server reboot') return { text: texts.of('app.server.reboot') };
    const values = { version: runtime.version, sessions: sessions.list().length };
    return { text: texts.of('app.server.version.and.status', values) };
  }

  #help(): Answer {
    const { config, texts } = this.#parts;
    const commands = { server: this.#mayServer, queue: config.commands?.queue ?? false };
    const name: TextName = 'app.commands.list';
    return { text: texts.of(name, { commands }) };
  }
}
