import { definePlugin, Points, Tokens } from 'waha-runtime';
import { BaileysConfig } from './config.ts';
import { FetchedVersion, fixedVersion } from './connection/version.ts';
import { LazyEngine } from './lazy-engine.ts';
import { quietLibsignal } from './libsignal/quiet-libsignal.ts';

/** For the command line: what other servers left, and files as they have them. */
export const foreign = () => import('./moving/foreign.ts');

export default definePlugin({
  name: 'baileys',
  description: 'Engine NOWEB: WhatsApp Web without a browser, through Baileys',
  config: BaileysConfig,
  needs: { clock: Tokens.Clock },
  wants: { endpoint: Tokens.WhatsAppEndpoint, files: Tokens.Files },
  setup({ config, services: { clock, endpoint: provided, files }, http, log, storage, contribute, onClose }) {
    const endpoint = config.endpoint ?? provided;
    onClose(quietLibsignal());
    const pinned = config.version !== undefined || endpoint !== undefined || !config.versionFetch.enabled;
    const versions = pinned
      ? fixedVersion(config.version)
      : new FetchedVersion({ settings: config.versionFetch, http, storage, log, now: () => clock.now() });
    const engine = new LazyEngine(async () => {
      const { makeEngine } = await import('./make-engine.ts');
      return makeEngine({ plugin: config, endpoint, versions, http, files, now: () => clock.now() });
    });
    contribute(Points.Engine, engine);
    contribute(Points.Metrics, engine);
  },
});
