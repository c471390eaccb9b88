import { definePlugin, type Page, Points } from 'waha-runtime';
import { DashboardConfig, loginOf } from './config.ts';
import { pageFolder } from './page-folder.ts';

/** Files of its own, calls to its own server, and nothing that stands in the page itself. */
const policy: NonNullable<Page['policy']> = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'connect-src': ["'self'"],
  // `data:`: the marks of Pico's form elements. `blob:`: attachments, which the page fetches with its key.
  'img-src': ["'self'", 'data:', 'blob:'],
  'media-src': ['blob:'],
  'form-action': ["'none'"],
};

/** A page to look at and work with everything that the API offers. It holds no secret: the key comes from whoever signs in. */
export default definePlugin({
  name: 'dashboard',
  description: 'A page for people: sessions, chats, events, webhooks, server',
  config: DashboardConfig,
  async setup({ config, contribute, log, signal }) {
    const { enabled, path, home } = config;
    const login = loginOf(config);
    if (!enabled) return;
    contribute(Points.Pages, { path, home, login, policy, folder: await pageFolder(log, signal) });
  },
});
