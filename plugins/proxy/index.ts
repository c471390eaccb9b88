import { definePlugin, Tokens } from 'waha-runtime';
import { chooseFrom } from './choose-proxy.ts';
import { ProxyPluginConfig, readPool } from './config.ts';

/** Chooses the proxy that a session connects to WhatsApp through. */
export default definePlugin({
  name: 'proxy',
  description: 'Sends sessions through proxies: one for all, or a list that they share',
  config: ProxyPluginConfig,
  provides: [Tokens.Proxies],
  setup({ config, log, provide }) {
    const pool = readPool(config);
    const labels = (pool.server ? [pool.server] : pool.list).map(({ label }) => label);
    if (labels.length > 0) log.info({ proxies: labels }, `sessions connect through ${labels.length} proxies`);
    provide(Tokens.Proxies, chooseFrom(pool));
  },
});
