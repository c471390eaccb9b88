import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SentMessages } from '../../../../plugins/baileys/socket/sent-messages.ts';

const raw = (id: string) => ({ key: { id, remoteJid: '120363000000000001@g.us', fromMe: true } }) as never;
const ack = (id: string) => ({ tag: 'ack', attrs: { id, class: 'message', t: '1750000000' } });

let ws: EventEmitter;
let sent: SentMessages;
let accepted: number;

beforeEach(() => {
  vi.useFakeTimers();
  ws = new EventEmitter();
  accepted = 0;
  sent = new SentMessages({ ws } as never, {
    accepted: () => {
      accepted += 1;
    },
    refusal: async () => new Error('refused') as never,
    holdUntil: () => undefined,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a message that is sent', () => {
  it('may take as long as it takes until it is written: then WhatsApp has its time', async () => {
    let outcome = 'open';
    sent.expect(raw('A')).catch(({ code }) => {
      outcome = code;
    });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(outcome).toBe('open');
    sent.written('A', 20_000);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(outcome).toBe('open');
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toBe('UNAVAILABLE');
  });

  it('is confirmed even before it was said to be written', async () => {
    const taken = sent.expect(raw('A'));
    ws.emit('CB:ack,class:message', ack('A'));
    sent.written('A', 20_000);
    await taken;
    expect([accepted, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('that was never written leaves its id to another one', async () => {
    const forgotten = sent.expect(raw('A'));
    expect(() => sent.expect(raw('A'))).toThrow(/another message/);
    sent.forget('A');
    await forgotten;
    expect(() => void sent.expect(raw('A'))).not.toThrow();
  });
});
