import { configInvalid, type Page, type Static, secret, Type } from 'waha-runtime';

/** What `config:` of the dashboard plugin may hold. */
export const DashboardConfig = Type.Object({
  enabled: Type.Boolean({ default: true, description: 'Serve the dashboard' }),
  path: Type.String({ pattern: '^(/[\\w-]+)+$', default: '/dashboard', description: 'Where it is' }),
  home: Type.Boolean({ default: true, description: 'Let `/` lead there' }),
  username: Type.Optional(
    Type.String({ description: 'The user name that the browser asks for, with the password, before the page opens' }),
  ),
  password: Type.Optional(secret()),
});
export type DashboardConfig = Static<typeof DashboardConfig>;

/** What the browser asks for before the page opens. Throws `CONFIG_INVALID` for half a login: it must not leave the page open. */
export const loginOf = ({ username, password }: DashboardConfig): Page['login'] => {
  const [name, word] = [username?.trim(), password?.trim()];
  if (Boolean(name) !== Boolean(word)) throw configInvalid('username and password go together');
  return name && word ? { username: name, password: word } : undefined;
};
