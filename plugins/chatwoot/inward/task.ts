interface About {
  /** Chatwoot's ids. */
  readonly message: number;
  readonly conversation: number;
  /** The chat in WhatsApp, where the contact says it; else there is its number. */
  readonly chatId: string | null;
  readonly phone: string | null;
}

interface Sending extends About {
  readonly content: string;
  readonly attachments: readonly { readonly url: string; readonly type: string }[];
  /** Chatwoot's id of the message that it answers. */
  readonly replyTo: number | null;
}

/** What an agent did in Chatwoot, as it is kept until it is done in WhatsApp. */
export type Task =
  | (Sending & { readonly kind: 'send' | 'retry' })
  | (About & { readonly kind: 'delete' })
  | (About & { readonly kind: 'edit'; readonly content: string })
  | (About & { readonly kind: 'command'; readonly content: string });

/** What became of a task so far, kept with it. */
export interface Progress {
  /** The ids under which the parts of a message are sent: under one id it arrives once, however often it is sent. */
  readonly ids?: readonly string[];
  /** Why it cannot be done; Chatwoot has still to be told. */
  readonly failure?: string;
}

/** By which the same call of the webhook is known again. */
export const taskId = {
  send: (message: number): string => `send:${message}`,
  delete: (message: number): string => `delete:${message}`,
  edit: (message: number, content: string): string => `edit:${message}:${content}`,
} as const;
