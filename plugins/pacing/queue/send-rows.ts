import { defineCollection, type QueuedSend, type RowOf } from 'waha-runtime';

/** Sends that wait. */
export const sendRows = defineCollection({
  name: 'send_queue',
  columns: {
    id: { type: 'text' },
    session: { type: 'text' },
    operation: { type: 'text' },
    body: { type: 'json' },
    sendAt: { type: 'integer' },
    createdAt: { type: 'integer' },
    /** Tried for good, and in vain. */
    failed: { type: 'integer' },
    attempts: { type: 'integer' },
    reason: { type: 'text', nullable: true },
    /** The caller's own idempotency key. */
    onceKey: { type: 'text', nullable: true },
  },
  key: ['id'],
  indexes: [
    ['session', 'sendAt'],
    ['failed', 'sendAt'],
  ],
});
export type SendRow = RowOf<typeof sendRows>;

/** As the API shows it. */
export const shownRow = (row: SendRow, isSending: boolean): QueuedSend => {
  const { failed, onceKey: _, ...rest } = row;
  const { chatId } = row.body as { readonly chatId?: unknown };
  return {
    ...rest,
    chatId: typeof chatId === 'string' ? chatId : null,
    status: isSending ? 'sending' : failed ? 'failed' : 'waiting',
  };
};
