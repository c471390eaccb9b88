import { badRequest, type Channel, channelRoles } from 'waha-runtime';
import type { ChannelPublicInfo } from 'waha-runtime/engine';

const PICTURES = 'https://pps.whatsapp.net';
const INVITE = 'https://whatsapp.com/channel/';
const GONE = new Set(['DELETED', 'NON_EXISTING']);

interface Picture {
  readonly direct_path?: string | null;
}

/** A channel as WhatsApp's answers have it. Numbers are texts, and the case of roles varies. */
export interface GraphChannel {
  readonly id: string;
  readonly state?: { readonly type?: string } | null;
  readonly thread_metadata?: {
    readonly name?: { readonly text?: string } | null;
    readonly description?: { readonly text?: string } | null;
    readonly invite?: string | null;
    readonly picture?: Picture | null;
    readonly preview?: Picture | null;
    readonly subscribers_count?: string | number | null;
    readonly verification?: string | null;
  } | null;
  readonly viewer_metadata?: { readonly role?: string | null } | null;
}

export const isThere = ({ state }: GraphChannel): boolean => !GONE.has(state?.type?.toUpperCase() ?? '');

export const publicInfoOf = ({ id, thread_metadata: facts }: GraphChannel): ChannelPublicInfo => {
  const [small, large] = [facts?.preview?.direct_path, facts?.picture?.direct_path];
  const url = (path: string | null | undefined) => (path ? `${PICTURES}${path}` : null);
  return {
    id,
    name: facts?.name?.text ?? '',
    description: facts?.description?.text ?? null,
    invite: `${INVITE}${facts?.invite ?? ''}`,
    preview: url(small || large),
    picture: url(large || small),
    verified: facts?.verification?.toUpperCase() === 'VERIFIED',
    subscribersCount: Number(facts?.subscribers_count) || 0,
  };
};

export const channelOf = (channel: GraphChannel, otherwise: Channel['role'] = 'GUEST'): Channel => {
  const told = channel.viewer_metadata?.role?.toUpperCase();
  return { ...publicInfoOf(channel), role: channelRoles.find((role) => role === told) ?? otherwise };
};

/** What names a channel: its id, or the code of its invitation, alone or in a link. */
export const channelNamed = (text: string, field = 'id'): { readonly key: string; readonly type: 'JID' | 'INVITE' } => {
  const last =
    text
      .trim()
      .split('/')
      .findLast((part) => part !== '') ?? '';
  if (/^\d{3,30}@newsletter$/.test(last)) return { key: last, type: 'JID' };
  if (/^[\w-]{6,60}$/.test(last)) return { key: last, type: 'INVITE' };
  throw badRequest(
    `${field} must be <id>@newsletter, the code of an invitation, or https://whatsapp.com/channel/<code>`,
  );
};
