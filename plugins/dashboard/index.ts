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
  description: 'A web page that shows sessions, chats, events, webhooks and the server',
  config: DashboardConfig,
  async setup({ config, contribute, contributions, log, signal }) {
    const { enabled, path, home } = config;
    const login = loginOf(config);
    if (!enabled) return;
    const events = (): string | undefined => {
      const handlers = contributions(Points.Upgrade);
      return (handlers.find(({ plugin }) => plugin === 'websocket') ?? handlers[0])?.value.path;
    };
    const made = { 'settings.json': { contentType: 'application/json', make: () => settingsOf(path, events()) } };
    contribute(Points.Pages, { path, home, login, policy, made, folder: await pageFolder(log, signal) });
  },
});

/** Where the page finds its server, relative to itself: whatever a proxy puts before both is the same. No events: nobody sends them. */
const settingsOf = (path: string, events: string | undefined): string => {
  const root = '../'.repeat(path.split('/').length - 1);
  return JSON.stringify({ root, events: events === undefined ? null : `${root}${events.slice(1)}` });
};
