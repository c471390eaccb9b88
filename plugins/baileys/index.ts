import { definePlugin, Points, Tokens } from 'waha-runtime';
import { BaileysConfig } from './config.ts';
import { FetchedVersion, fixedVersion } from './connection/version.ts';
import { BaileysEngine } from './engine.ts';
import { installNativeSignatures } from './libsignal/native-signatures.ts';
import { quietLibsignal } from './libsignal/quiet-libsignal.ts';
import { trustRoot, verifySignatures } from './libsignal/verify-signatures.ts';

import { sounds } from './media/sound-thread.ts';
import { forgetObjectWords } from './repairs/text-attributes.ts';

export { fileOfKey } from './moving/files.ts';
export { findForeignSessions } from './moving/foreign-sessions.ts';

export default definePlugin({
  name: 'baileys',
  description: 'Engine NOWEB: WhatsApp Web without a browser, through Baileys',
  config: BaileysConfig,
  needs: { clock: Tokens.Clock },
  wants: { endpoint: Tokens.WhatsAppEndpoint, files: Tokens.Files },
  setup({ config, services: { clock, endpoint: provided, files }, http, log, storage, contribute, onClose }) {
    const endpoint = config.endpoint ?? provided;
    verifySignatures();
    installNativeSignatures();
    forgetObjectWords();
    if (endpoint) trustRoot(endpoint.rootKey);
    onClose(quietLibsignal());
    const pinned = config.version !== undefined || endpoint !== undefined || !config.versionFetch.enabled;
    const versions = pinned
      ? fixedVersion(config.version)
      : new FetchedVersion({ settings: config.versionFetch, http, storage, log, now: () => clock.now() });
    const engine = new BaileysEngine({ plugin: config, endpoint, versions, http, files, now: () => clock.now() });
    contribute(Points.Engine, engine);
    contribute(Points.Metrics, engine.ignored);
    contribute(Points.Metrics, engine.gate);
    contribute(Points.Metrics, sounds);
  },
});
