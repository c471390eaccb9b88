import { configInvalid, named, type ProxyAddress, proxyAddress, type Static, secret, Type } from 'waha-runtime';

/** Where sessions without a proxy of their own connect through. Empty strings stand for nothing. */
export const ProxyPluginConfig = named(
  'ProxyPlugin',
  Type.Object({
    server: Type.Optional(
      Type.String({
        description: 'One proxy for all: host:port, or a URL (http://, https://, socks4://, socks5://)',
        examples: ['proxy.example:3128', 'socks5://10.0.0.1:1080'],
      }),
    ),
    username: Type.Optional(Type.String({ description: 'The user name for every proxy that has none of its own' })),
    password: Type.Optional(secret()),
    servers: Type.Array(
      Type.Union([
        Type.String(),
        Type.Object({
          server: Type.String(),
          username: Type.Optional(Type.String()),
          password: Type.Optional(secret()),
        }),
      ]),
      { default: [], description: 'Several proxies; new sessions are assigned to them in turn, and keep their proxy' },
    ),
    list: Type.Optional(Type.String({ description: 'The list of proxies as one text, separated by commas' })),
    indexPrefix: Type.Optional(
      Type.String({
        description:
          'With `bot-`, the session `bot-7` uses the proxy with index 7, counted from 0 and modulo the length of the list',
      }),
    ),
  }),
);
export type ProxyPluginConfig = Static<typeof ProxyPluginConfig>;

/** The proxies of the config. */
export interface ProxyPool {
  /** For all sessions; wins over the list. */
  readonly server: ProxyAddress | null;
  readonly list: readonly ProxyAddress[];
  readonly indexPrefix: string;
}

interface Entry {
  readonly server: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Reads the config. Throws `CONFIG_INVALID` with one line for each bad entry: its place, never what it holds. */
export const readPool = (config: ProxyPluginConfig): ProxyPool => {
  const problems: string[] = [];
  const read = (entry: string | Entry, path: string): ProxyAddress | null => {
    const own = typeof entry === 'string' ? { server: entry } : entry;
    try {
      return addressOf(own, config);
    } catch (error) {
      problems.push(`${path} ${error instanceof TypeError ? error.message : 'cannot be read'}`);
      return null;
    }
  };
  const server = read(config.server ?? '', 'config.server');
  const list = [
    ...config.servers.map((entry, index) => read(entry, `config.servers.${index}`)),
    ...(config.list ?? '').split(',').map((entry, index) => read(entry, `config.list: entry ${index}`)),
  ];
  if (problems.length > 0) throw configInvalid(...problems);
  return { server, list: list.filter((address) => address !== null), indexPrefix: config.indexPrefix ?? '' };
};

/** Null when the entry is empty. Throws a TypeError that says what is wrong with it. */
const addressOf = (entry: Entry, shared: ProxyPluginConfig): ProxyAddress | null => {
  const server = entry.server.trim();
  if (server === '') return null;
  const inUrl = hasLogin(server);
  const username = entry.username || (inUrl ? '' : shared.username);
  const password = entry.password || (inUrl || entry.username ? '' : shared.password);
  return parse({ server, ...(username && { username }), ...(password && { password }) });
};

/** Whether an address names a user before its host. */
const hasLogin = (server: string): boolean => {
  const scheme = server.indexOf('://');
  const [authority = ''] = server.slice(scheme < 0 ? 0 : scheme + 3).split('/', 1);
  return authority.includes('@');
};

const parse = (config: { server: string; username?: string; password?: string }): ProxyAddress => {
  const address = readAddress(config);
  if (new URL(address.url).hostname === '') throw new TypeError('names no host');
  return address;
};

const readAddress = (config: { server: string; username?: string; password?: string }): ProxyAddress => {
  try {
    return proxyAddress(config);
  } catch (error) {
    const sentence = error instanceof TypeError ? error.message.replace(/^proxy\.server:? /, '') : 'cannot be read';
    throw new TypeError(sentence);
  }
};
