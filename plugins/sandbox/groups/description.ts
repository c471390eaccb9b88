import type { BinaryNode } from '@whiskeysockets/baileys';
import { jidOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Roster } from '../world/roster.ts';

/** What of a group is described. */
export interface Describable extends Roster {
  readonly subject: string;
  readonly owner: string;
  readonly createdAt: number;
  readonly description:
    | { readonly id: string; readonly text: string; readonly by: string; readonly at: number }
    | undefined;
  readonly switches: ReadonlySet<string>;
  readonly ephemeral: number;
  readonly everyoneAdds: boolean;
  readonly everyoneShares: boolean;
  readonly parent: string | undefined;
  /** Another one after every change of the members (`p_v_id`). */
  readonly rosterVersion: string;
  otherName(number: string): string | undefined;
}

/** `<participant>` nodes of these numbers, with both names and the rank. */
export const participantsOf = (group: Describable, numbers: readonly string[]): BinaryNode[] => {
  const other = group.addressing === 'lid' ? 'phone_number' : 'lid';
  return numbers.map((number) => {
    const rank = group.members.get(number);
    const type = rank === 'member' ? undefined : rank;
    return node('participant', { jid: group.jidOf(number), [other]: group.otherName(number), type });
  });
};

/** What of a group is told besides its facts; a question about all groups chooses, any other one wants all of it. */
export interface Described {
  readonly participants: boolean;
  readonly description: boolean;
}

const everything: Described = { participants: true, description: true };

/** The `<group>` node of a group, as WhatsApp answers every question about it. */
export function describeGroup(group: Describable, wanted: Described = everything): BinaryNode {
  const { subject, owner, createdAt, addressing } = group;
  const ownerPn = addressing === 'lid' ? jidOf('pn', owner) : undefined;
  const attrs = {
    id: group.jid.split('@')[0],
    subject,
    s_t: createdAt,
    s_o: group.jidOf(owner),
    s_o_pn: ownerPn,
    creation: createdAt,
    creator: group.jidOf(owner),
    creator_pn: ownerPn,
    addressing_mode: addressing,
    size: group.members.size,
    p_v_id: group.rosterVersion,
  };
  const participants = wanted.participants ? participantsOf(group, [...group.members.keys()]) : [];
  return node('group', attrs, [...participants, ...settingsOf(group, wanted.description)]);
}

/** Its texts and switches. The approval mode is always there, and says on or off inside. */
function settingsOf(group: Describable, withDescription: boolean): BinaryNode[] {
  const { description, switches, ephemeral, everyoneAdds, everyoneShares, parent } = group;
  const content: BinaryNode[] = [];
  if (description && withDescription) {
    const by = { id: description.id, t: description.at, participant: group.jidOf(description.by) };
    content.push(node('description', by, [node('body', {}, Buffer.from(description.text))]));
  }
  for (const name of switches) if (name !== 'membership_approval_mode') content.push(node(name));
  const state = switches.has('membership_approval_mode') ? 'on' : 'off';
  content.push(node('membership_approval_mode', {}, [node('group_join', { state })]));
  if (ephemeral) content.push(node('ephemeral', { expiration: ephemeral }));
  content.push(node('member_add_mode', {}, Buffer.from(everyoneAdds ? 'all_member_add' : 'admin_add')));
  const share = everyoneShares ? 'all_member_share' : 'admin_share';
  content.push(node('member_share_group_history_mode', {}, Buffer.from(share)));
  if (parent) content.push(node('linked_parent', { jid: parent }));
  return content;
}
