import type { BinaryNode } from '@whiskeysockets/baileys';
import type { GroupSetting } from 'waha-runtime';

const empty = (tag: string): BinaryNode => ({ tag, attrs: {} });
const text = (tag: string, value: string): BinaryNode => ({ tag, attrs: {}, content: Buffer.from(value) });

const nodes: Record<GroupSetting, (on: boolean) => BinaryNode> = {
  restrict: (on) => empty(on ? 'locked' : 'unlocked'),
  announce: (on) => empty(on ? 'announcement' : 'not_announcement'),
  memberAddMode: (on) => text('member_add_mode', on ? 'all_member_add' : 'admin_add'),
  memberShareHistory: (on) => text('member_share_group_history_mode', on ? 'all_member_share' : 'admin_share'),
  joinApprovalMode: (on) => ({
    ...empty('membership_approval_mode'),
    content: [{ tag: 'group_join', attrs: { state: on ? 'on' : 'off' } }],
  }),
};

/** The change of a setting, as WhatsApp takes it. */
export const settingNode = (setting: GroupSetting, on: boolean): BinaryNode => nodes[setting](on);
