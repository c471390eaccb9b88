import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { mediaTypeOf, stanzaTypeOf } from '../delivery/content.ts';
import type { Directory } from '../directory.ts';
import { type ChannelPost, countsOf, REVOKE } from '../newsletters/channel.ts';
import { channelQueries, GraphError } from '../newsletters/graph.ts';
import { bytesOf, childOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Answers a GraphQL query about channels; false when it is none (docs/protocol.md, "mex"). */
export function onChannelQuery(world: World, connection: Client, stanza: BinaryNode, directory: Directory): boolean {
  const asked = childOf(stanza, 'query');
  const query = channelQueries[asked?.attrs['query_id'] ?? ''];
  const by = connection.device?.number;
  if (!query || by === undefined) return false;
  const { channels } = directory;
  const keepPicture = (base64: string) => world.media.put(Buffer.from(base64, 'base64'), by);
  const asking = { channels, by, accepted: channels.accepted.has(by), keepPicture };
  try {
    const { variables = {} } = JSON.parse(bytesOf(asked)?.toString() ?? '{}');
    const missing = query.flags?.find((flag) => typeof variables[flag] !== 'boolean');
    if (missing) throw new GraphError(400, `Bad Request: variable ${missing} of type Boolean! was not provided`);
    reply({ data: { [query.path]: query.answer(asking, variables, variables.input ?? {}) } });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const extensions = { error_code: error.code, is_retryable: false, severity: 'CRITICAL' };
    reply({ data: null, errors: [{ message: error.message, extensions, path: [query.path] }] });
  }
  return true;

  function reply(json: object): void {
    connection.send(result(stanza, [node('result', {}, Buffer.from(JSON.stringify(json)))]));
  }
}

/** Namespace `tos`: the account accepts what channels ask of it. */
export function onNotice(_: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const number = connection.device?.number;
  if (number !== undefined && stanza.attrs['type'] === 'set') directory.channels.accept(number);
  connection.send(result(stanza));
}

/** Namespace `newsletter`: the newest posts of a channel, by its id or its invitation. */
export function onNewsletter(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const asked = childOf(stanza, 'messages');
  const channel = directory.channels.find(asked?.attrs['jid'] ?? asked?.attrs['key']);
  if (!asked || !channel || channel.deleted) return void connection.send(refusal(stanza, 404, 'item-not-found'));
  const posts = channel.posts.slice(-Number(asked.attrs['count'] ?? 50));
  const list = posts.map((post) => postNode(post, connection.device?.number));
  connection.send(result(stanza, [node('messages', { jid: channel.jid, t: world.seconds() }, list)]));
}

function postNode({ id, serverId, at, message, views, reactions, author }: ChannelPost, reader?: string): BinaryNode {
  const own = author === reader ? { is_sender: 'true' } : {};
  return node('message', { id, server_id: serverId, t: at, type: stanzaTypeOf(message), ...own }, [
    node('plaintext', { mediatype: mediaTypeOf(message) }, proto.Message.encode(message).finish()),
    node('views_count', { count: views }),
    node(
      'reactions',
      {},
      countsOf(reactions).map(([code, count]) => node('reaction', { code, count })),
    ),
  ]);
}

/** What a client writes to a channel: a post, what becomes of one, or a reaction to it. Gives the post's number. */
export function toChannel({ channels }: Directory, sender: Device, stanza: BinaryNode): number | undefined {
  const { to, id = '', edit, type, server_id: serverId } = stanza.attrs;
  const channel = channels.find(to);
  if (type === 'reaction') {
    channel?.react(sender.number, Number(serverId), childOf(stanza, 'reaction')?.attrs['code']);
    return undefined;
  }
  const message = proto.Message.decode(bytesOf(childOf(stanza, 'plaintext')) ?? new Uint8Array());
  if (edit === undefined) return channel?.post(sender.number, message, { id, from: sender }).serverId;
  channel?.change(id, edit === REVOKE ? null : message, sender);
  return channel?.posts.find((post) => post.id === id)?.serverId;
}
