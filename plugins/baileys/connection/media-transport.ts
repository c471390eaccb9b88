import type { Files } from 'waha-runtime';
import type { WhatsAppEndpoint } from 'waha-runtime/engine';
import type { BaileysConfig } from '../config.ts';
import { deferred } from '../deferred.ts';
import { MediaIn } from '../media/media-in.ts';
import { Reuploads } from '../repairs/media-reupload.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Transport } from './transport.ts';

export interface MediaTransport {
  readonly session: string;
  readonly files?: Files | undefined;
  readonly transport: Transport | undefined;
  readonly plugin: BaileysConfig;
  readonly endpoint: WhatsAppEndpoint | undefined;
  /** Our own id, `<phone>@c.us`. */
  me(): string | undefined;
}

/** The files of one connection's messages: where they are, and whom to ask for them again. */
export const mediaFor = (
  sock: BaileysSocket,
  { session, files, transport, plugin, endpoint, me }: MediaTransport,
): MediaIn => {
  const reuploads = new Reuploads(sock);
  // What a former connection left is taken up before this one is open.
  const open = deferred();
  sock.ev.on('connection.update', ({ connection }) => {
    if (connection === 'open') open.resolve();
  });
  const host = async () => {
    await open.promise;
    return (await sock.refreshMediaConn()).hosts[0]?.hostname ?? null;
  };
  if (transport?.fileHost) transport.fileHost.find = host;
  return new MediaIn({
    files,
    session,
    me,
    dispatcher: transport?.dispatcher,
    host: endpoint ? host : async () => null,
    reupload: async (raw, mediaKey, signal) => {
      await open.promise;
      const soon = AbortSignal.any([signal, AbortSignal.timeout(plugin.reuploadTimeoutMs)]);
      return reuploads.request(raw, mediaKey, soon);
    },
  });
};
