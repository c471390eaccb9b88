import { type BinaryNode, type GroupMetadata, jidDecode } from '@whiskeysockets/baileys';
import { extractGroupMetadata } from '@whiskeysockets/baileys/lib/Socket/groups.js';
import { describe, expect, it } from 'vitest';
import { applied, merged } from '../../../../../plugins/baileys/identity/groups/apply.ts';
import { readNotice } from '../../../../../plugins/baileys/identity/groups/changes.ts';
import {
  describe as described,
  type GroupDescription,
} from '../../../../../plugins/baileys/identity/groups/description.ts';

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[] | Buffer): BinaryNode =>
  content ? { tag, attrs, content } : { tag, attrs };
const ana = { jid: '111@lid', phone_number: '15550100@s.whatsapp.net' };
const bob = { jid: '222@lid', phone_number: '15550101@s.whatsapp.net' };
const groupNode = (...content: BinaryNode[]): BinaryNode =>
  node('group', { id: '120363', subject: 'Club', size: '1', addressing_mode: 'lid' }, content);
const club = described(groupNode(node('participant', ana))) as GroupDescription;
const notice = (...children: BinaryNode[]) =>
  readNotice(
    node(
      'notification',
      { from: '120363@g.us', id: 'A1', t: '1750000000', type: 'w:gp2', participant: ana.jid },
      children,
    ),
  );

describe('a group', () => {
  it('has its approval mode off where WhatsApp says off, and Baileys on', () => {
    const off = groupNode(node('membership_approval_mode', {}, [node('group_join', { state: 'off' })]));
    const baileys: GroupMetadata = extractGroupMetadata(node('iq', {}, [off]));
    expect([described(off)?.joinApprovalMode, baileys.joinApprovalMode]).toEqual([false, true]);
  });

  it('has no members that WhatsApp refused, who are members to Baileys', () => {
    const made = groupNode(node('participant', ana), node('participant', { ...bob, error: '403' }));
    expect(described(made)?.participants.map(({ id }) => id)).toEqual([ana.jid]);
    expect(extractGroupMetadata(node('iq', {}, [made])).participants).toHaveLength(2);
  });

  it('keeps its members and their other names when WhatsApp leaves them out', () => {
    const shallow = described(node('group', { id: '120363', subject: 'New', size: '5' }, [])) as GroupDescription;
    expect(merged(club, shallow)).toMatchObject({ subject: 'New', participants: club.participants });
    const nameless = described(groupNode(node('participant', { jid: ana.jid, type: 'admin' }))) as GroupDescription;
    expect(merged(club, nameless).participants).toEqual([
      { id: ana.jid, phoneNumber: ana.phone_number, admin: 'admin' },
    ]);
  });

  it('is the same when a change is applied twice', () => {
    const { changes } = notice(
      node('add', {}, [node('participant', bob)]),
      node('promote', {}, [node('participant', bob)]),
      node('subject', { subject: 'Chess' }),
      node('remove', {}, [node('participant', ana)]),
    );
    const once = changes.reduce(applied, club);
    expect(once).toMatchObject({ subject: 'Chess', size: 1, participants: [{ id: bob.jid, admin: 'admin' }] });
    expect([...changes, ...changes].reduce(applied, club)).toEqual(once);
  });
});

describe('a notification', () => {
  it('has all of its children read', () => {
    const { changes } = notice(node('locked'), node('announcement'), node('subject', { subject: 'lunch:2@noon' }));
    expect(changes).toEqual([
      { kind: 'facts', facts: { restrict: true } },
      { kind: 'facts', facts: { announce: true } },
      { kind: 'facts', facts: { subject: 'lunch:2@noon' } },
    ]);
    expect(jidDecode('lunch:2@noon')).toBeDefined();
  });

  it('is read where Baileys fails or is silent: modify, delete, link and suspended', () => {
    const community = node('group', { jid: '120364@g.us' });
    const read = notice(
      node('modify', {}, [node('participant', bob)]),
      node('link', { link_type: 'parent_group' }, [community]),
      node('link', { link_type: 'sub_group' }, [community]),
      node('suspended'),
      node('delete', { reason: 'admin' }),
    );
    expect(read.changes.map(({ kind }) => kind)).toEqual(['renumbered', 'facts', 'facts', 'gone']);
    expect(read.changes[1]).toEqual({ kind: 'facts', facts: { linkedParent: '120364@g.us' } });
  });

  it('of a kind that is not known is named and hurts nobody', () => {
    const { changes, unknown } = notice(node('hologram'), node('modify'), node('create'), node('growth_locked'));
    expect([changes, unknown]).toEqual([[], ['hologram']]);
  });

  it('says whether a request was turned away or taken back', () => {
    const gone = (who: Record<string, string>) =>
      notice(node('revoked_membership_requests', {}, [node('participant', who)])).changes[0];
    expect([gone(ana), gone(bob)]).toMatchObject([{ action: 'revoked' }, { action: 'rejected' }]);
  });
});
