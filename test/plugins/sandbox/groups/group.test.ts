import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Group, Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { type Linked, link, sandboxForTests } from '../support.ts';

const PHONE = '5511999990001';
const ANA = '5511888880001';
const BOB = '5511888880002';

describe('groups', () => {
  let sandbox: Sandbox;
  let linked: Linked;
  let group: Group;

  beforeAll(async () => {
    sandbox = await sandboxForTests();
    linked = await link(sandbox, PHONE);
    group = sandbox.group({ subject: 'Friends', owner: ANA, participants: [PHONE, BOB] });
    await linked.client.until('groups.upsert', ([one]) => one?.id === group.jid);
  });
  afterEach(() => {
    sandbox.faults.clear();
  });
  afterAll(async () => {
    await linked.client.close();
    await sandbox.close();
  });

  it('are described with their participants', async () => {
    const metadata = await linked.client.socket.groupMetadata(group.jid);
    expect(metadata).toMatchObject({ id: group.jid, subject: 'Friends', size: 3, addressingMode: 'lid' });
    expect(metadata.participants).toContainEqual(
      expect.objectContaining({
        id: sandbox.contact(ANA).lid,
        phoneNumber: sandbox.contact(ANA).jid,
        admin: 'superadmin',
      }),
    );
    expect(Object.keys(await linked.client.socket.groupFetchAllParticipating())).toEqual([group.jid]);
    await expect(linked.client.socket.groupMetadata('123@g.us')).rejects.toThrow('item-not-found');
  });

  it('carry messages of contacts, with a key first and without one after', async () => {
    const ana = sandbox.contact(ANA);
    for (const text of ['hello all', 'and once more', 'and again']) {
      const sent = await ana.send(group.jid, text);
      const { key } = await linked.client.text(text);
      expect(key).toMatchObject({ remoteJid: group.jid, participant: ana.lid, participantAlt: ana.jid, id: sent.id });
      await sent.delivered;
      expect(sent.deliveries).toMatchObject([{ to: PHONE, retries: 0, outcome: 'receipt' }]);
    }
  });

  it('carry messages of the client to every contact, with receipts back', async () => {
    const { socket } = linked.client;
    const sent = await socket.sendMessage(group.jid, { text: 'hello from the client' });
    for (const contact of [sandbox.contact(ANA), sandbox.contact(BOB)]) {
      const message = await contact.waitForMessage(({ text }) => text === 'hello from the client');
      expect(message).toMatchObject({ chat: group.jid, from: PHONE, encryption: 'skmsg', id: sent?.key.id });
      const receipt = await linked.client.until('message-receipt.update', (updates) =>
        updates.find(({ key, receipt }) => key.id === sent?.key.id && receipt.userJid === contact.lid),
      );
      expect(receipt.key.remoteJid).toBe(group.jid);
    }
    await socket.sendMessage(group.jid, { text: 'second' });
    await sandbox.contact(BOB).waitForMessage(({ text }) => text === 'second');
  });

  it('recover from a message that was damaged', async () => {
    sandbox.faults.set({ kind: 'garble', phone: PHONE, times: 1 });
    const sent = await sandbox.contact(BOB).send(group.jid, 'damaged on the way');
    await linked.client.text('damaged on the way');
    await sent.delivered;
    expect(sent.deliveries).toMatchObject([{ retries: 1, outcome: 'receipt' }]);
  });

  it('change as contacts change them', async () => {
    group.rename(ANA, 'Best friends');
    await linked.client.until('groups.update', ([one]) => one?.subject === 'Best friends');
    group.add(ANA, ['5511888880003']);
    const added = await linked.client.until('group-participants.update', (one) => one.action === 'add' && one);
    expect(added).toMatchObject({ id: group.jid, author: sandbox.contact(ANA).lid });
    group.promote(ANA, [BOB]);
    await linked.client.until('group-participants.update', ({ action }) => action === 'promote');
    group.remove(ANA, ['5511888880003']);
    await linked.client.until('group-participants.update', ({ action }) => action === 'remove');
    expect([...group.members.keys()].sort()).toEqual([ANA, BOB, PHONE]);
  });

  it('change as the client changes them', async () => {
    const { socket } = linked.client;
    const made = await socket.groupCreate('Made here', [sandbox.contact(ANA).jid]);
    const created = sandbox.groups().find(({ jid }) => jid === made.id);
    expect(created?.members).toEqual(
      new Map([
        [ANA, 'member'],
        [PHONE, 'superadmin'],
      ]),
    );
    const added = await socket.groupParticipantsUpdate(made.id, [sandbox.contact(BOB).jid], 'add');
    expect(added).toMatchObject([{ status: '200', jid: sandbox.contact(BOB).jid }]);
    await socket.groupParticipantsUpdate(made.id, [sandbox.contact(BOB).jid], 'promote');
    await socket.groupUpdateSubject(made.id, 'Renamed');
    await socket.groupUpdateDescription(made.id, 'What it is for');
    await socket.groupSettingUpdate(made.id, 'announcement');
    await socket.groupSettingUpdate(made.id, 'locked');
    await socket.groupToggleEphemeral(made.id, 86_400);
    await socket.groupMemberAddMode(made.id, 'all_member_add');
    await socket.groupJoinApprovalMode(made.id, 'on');
    expect(await socket.groupMetadata(made.id)).toMatchObject({
      subject: 'Renamed',
      desc: 'What it is for',
      announce: true,
      restrict: true,
      ephemeralDuration: 86_400,
      memberAddMode: true,
      joinApprovalMode: true,
    });
    await socket.groupParticipantsUpdate(made.id, [sandbox.contact(BOB).jid], 'remove');
    await socket.groupLeave(made.id);
    expect([...(created?.members.keys() ?? [])]).toEqual([ANA]);
    await expect(socket.groupMetadata(made.id)).rejects.toThrow('forbidden');
  });

  it('are joined by invitation', async () => {
    const { socket } = linked.client;
    const other = sandbox.group({ subject: 'By invitation', owner: BOB, participants: [] });
    expect(await socket.groupGetInviteInfo(other.inviteCode)).toMatchObject({ subject: 'By invitation' });
    expect(await socket.groupAcceptInvite(other.inviteCode)).toBe(other.jid);
    await expect(socket.groupInviteCode(other.jid)).rejects.toThrow('not-authorized');
    other.promote(BOB, [PHONE]);
    const code = await socket.groupInviteCode(other.jid);
    expect(await socket.groupRevokeInvite(other.jid)).not.toBe(code);
    await expect(socket.groupGetInviteInfo(code ?? '')).rejects.toThrow('gone');
  });

  it('carry messages between two accounts', async () => {
    const second = await link(sandbox, '5511999990002');
    const shared = sandbox.group({
      subject: 'Both',
      owner: PHONE,
      participants: ['5511999990002'],
      addressing: 'pn',
    });
    const sent = await linked.client.socket.sendMessage(shared.jid, { text: 'to the other account' });
    const { key } = await second.client.text('to the other account');
    expect(key).toMatchObject({ remoteJid: shared.jid, participant: linked.phone.jid, id: sent?.key.id });
    await second.client.socket.sendMessage(shared.jid, { text: 'and back' });
    await linked.client.text('and back');
    await second.client.close();
  });
});
