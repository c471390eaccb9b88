import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageCapping } from '../../../../core/index.ts';
import type { GraphQueries } from '../../../../plugins/baileys/config.ts';
import { AccountLimits } from '../../../../plugins/baileys/socket/account-limits.ts';
import { Requests } from '../../../../plugins/baileys/socket/requests.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const now = 1_700_000_000_000;
let asked: { id: string | undefined; variables: object }[];
let answers: Record<string, unknown>;
let told: unknown[];
let ev: EventEmitter;
let limits: AccountLimits;

beforeEach(() => {
  [asked, told, ev] = [[], [], new EventEmitter()];
  const query = async ({ content }: BinaryNode): Promise<BinaryNode | undefined> => {
    const [{ attrs, content: body }] = content as [BinaryNode];
    asked.push({ id: attrs['query_id'], variables: JSON.parse(String(body)).variables });
    const data = answers[attrs['query_id'] ?? ''];
    if (data === undefined) return undefined;
    const result = { tag: 'result', attrs: {}, content: Buffer.from(JSON.stringify({ data })) };
    return { tag: 'iq', attrs: {}, content: [result] };
  };
  const sock = { ev, query } as unknown as BaileysSocket;
  const queries = { timelock: '11111', capping: '22222' } as GraphQueries;
  limits = new AccountLimits(sock, { requests: new Requests('ana', sock), queries, now: () => now });
  limits.tell({ restriction: (lock) => told.push(lock), capping: (quota) => told.push(quota) });
  answers = {};
});

const raw = { total_quota: '10', used_quota: '12', cycle_end_timestamp: '1700003600', cycle_start_timestamp: '0' };

describe('the limits of an account', () => {
  it('are asked for with the ids that the YAML names, and with what WhatsApp Web asks for', async () => {
    answers = { '22222': { xwa2_message_capping_info: { ...raw, capping_status: 'CAPPED' } } };
    const quota: MessageCapping = {
      ...{ cappingStatus: 'CAPPED', totalQuota: 10, usedQuota: 10, cycleStart: null, cycleEnd: 1_700_003_600 },
      ...{ mvStatus: null, oteStatus: null },
    };
    expect(await limits.capping()).toEqual(quota);
    expect(asked).toEqual([{ id: '22222', variables: { input: { type: 'INDIVIDUAL_NEW_CHAT_THREAD' } } }]);
    expect(told).toEqual([quota]);
  });

  it('that are none are none', async () => {
    answers = { '11111': { xwa2_fetch_account_reachout_timelock: { is_active: false, time_enforcement_ends: '0' } } };
    expect(await limits.timelock()).toEqual({ isActive: false, timeEnforcementEnds: null, enforcementType: null });
    answers = { '22222': { xwa2_message_capping_info: { total_quota: -1, used_quota: 3 } } };
    expect(await limits.capping()).toMatchObject({ totalQuota: -1, usedQuota: 3, cycleEnd: null });
  });

  it('that WhatsApp does not tell of are unavailable, or refused', async () => {
    await expect(limits.timelock()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answers = { '22222': { xwa2_message_capping_info: null } };
    await expect(limits.capping()).rejects.toMatchObject({ code: 'WHATSAPP_REFUSED' });
  });

  it('explain a refused message, also when WhatsApp does not say until when', async () => {
    answers = { '22222': { xwa2_message_capping_info: raw } };
    const until = new Date(1_700_003_600_000).toISOString();
    const details = { body: { code: 475, reason: 'message_capping', until } };
    expect(await limits.refusal('475')).toMatchObject({ code: 'WHATSAPP_REFUSED', details });
    const unsaid = { body: { code: 463, reason: 'reachout_timelock', until: null } };
    expect(await limits.refusal('463')).toMatchObject({ details: unsaid });
    expect(await limits.refusal('479')).toMatchObject({ details: { body: { code: 479 } } });
  });

  it('that are pushed count, unless a newer word is known; a lock without its end lasts a minute', () => {
    const push = (used_quota: number, server_sent_timestamp: string) =>
      ev.emit('message-capping.update', { ...raw, used_quota, server_sent_timestamp });
    push(4, '1700000002');
    push(3, '1700000001');
    expect(told).toMatchObject([{ usedQuota: 4 }]);
    ev.emit('connection.update', { reachoutTimeLock: { isActive: true } });
    expect(told.at(-1)).toEqual({ timeEnforcementEnds: now + 60_000, enforcementType: null });
  });
});
