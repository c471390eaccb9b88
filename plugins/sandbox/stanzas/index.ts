import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { completeLink, refuseLink } from '../linking/pair-success.ts';
import { childOf, refusal, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { onAck } from './acks.ts';
import { onAppState } from './app-state.ts';
import { onCall } from './calls.ts';
import { onEncrypt } from './encrypt.ts';
import { onGroups } from './groups.ts';
import { onLinkedDevices } from './linked-devices.ts';
import { goLive, onInfo } from './login.ts';
import { onMessage } from './messages.ts';
import { onNewsletter, onNotice } from './newsletters.ts';
import { onChatState, onPresence } from './presence.ts';
import { onPrivacy } from './privacy.ts';
import { onAbout, onBlockList, onPicture } from './profile.ts';
import { queries } from './queries.ts';
import { onReceipt } from './receipts.ts';
import { onUserSync } from './user-sync.ts';

type Handler = (world: World, connection: Client, stanza: BinaryNode, directory: Directory) => void;

const byTag: Record<string, Handler> = {
  iq: onQuery,
  message: onMessage,
  receipt: onReceipt,
  ack: onAck,
  presence: onPresence,
  chatstate: onChatState,
  call: onCall,
  ib: onInfo,
};

const byNamespace: Record<string, Handler> = {
  encrypt: onEncrypt,
  usync: onUserSync,
  md: onLinkedDevices,
  'w:sync:app:state': onAppState,
  'w:g2': onGroups,
  passive: onPassive,
  'w:profile:picture': onPicture,
  status: onAbout,
  blocklist: onBlockList,
  newsletter: onNewsletter,
  tos: onNotice,
  privacy: onPrivacy,
  ...queries,
};

/** Answers one stanza. Stanzas of a connection are answered in the order they come; unknown ones are ignored. */
export function answer(directory: Directory, connection: Client, stanza: BinaryNode): void {
  byTag[stanza.tag]?.(directory.world, connection, stanza, directory);
}

/** Queries by namespace. An unknown one gets an empty result: no answer would cost the client 60 s. */
function onQuery(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const { type, xmlns = '' } = stanza.attrs;
  if (type === 'result') {
    completeLink(world, directory.linkings, connection, stanza);
    return;
  }
  if (type === 'error') return void refuseLink(directory.linkings, connection, stanza);
  if (xmlns === 'usync' && world.options.userSync === 'silent') return;
  const refused = world.faults.strike('refuse-query', connection, (fault) => fault.xmlns === xmlns);
  if (refused) {
    const text = refused.code === 429 ? 'rate-overlimit' : 'refused';
    return void connection.send(refusal(stanza, refused.code, text, refused.backoff));
  }
  const unanswered = world.faults.strike('unanswered', connection, (fault) => fault.xmlns === xmlns);
  if (unanswered && !unanswered.done) return;
  if (unanswered) connection.lostAnswers.add(stanza.attrs['id'] ?? '');
  const handler = byNamespace[xmlns];
  if (handler) handler(world, connection, stanza, directory);
  else connection.send(result(stanza));
}

/** A client logs in passive and goes active once it has its keys in order (docs/protocol.md, "Login"). */
function onPassive(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  connection.send(result(stanza));
  if (childOf(stanza, 'active')) goLive(world, connection, directory);
}
