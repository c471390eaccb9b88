import { buildConnector } from 'undici';

/** Where Baileys looks for files that are named by their path alone: history, and snapshots of the app state. */
const WHATSAPP_FILES = 'mmg.whatsapp.net';

/** Which host has the files of a server other than WhatsApp's own, `host:port`; null when it is not known. */
export interface FileHost {
  find(): Promise<string | null>;
}

/** Opens connections as undici does, but for WhatsApp's own file host: those go to the endpoint's. */
export const connectorFor = (ca: string, fileHost: FileHost): buildConnector.connector => {
  const connect = buildConnector({ ca });
  return (options, callback) => {
    if (options.hostname !== WHATSAPP_FILES) return connect(options, callback);
    fileHost.find().then(
      (host) => {
        if (!host) return callback(new Error('the endpoint has no host for files'), null);
        const { hostname, port } = new URL(`https://${host}`);
        const { servername: _, ...rest } = options;
        connect({ ...rest, host, hostname, port: port || '443' }, callback);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
};
