import { configInvalid, type Static, secret, Type } from 'waha-runtime';
import { Actions, RateLimit } from './schemas.ts';

/** `support-*` stands for every session whose name begins so; `*` for all of them. */
export const sessionPattern = '^([a-zA-Z0-9_-]{1,54}\\*?|\\*)$';

const DeclaredKey = Type.Object({
  name: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,54}$', description: 'Its id is key_id_<name>' }),
  key: secret({
    minLength: 8,
    pattern: '^(?!sha512:)|^sha512:[0-9a-fA-F]{128}$',
    description: 'The key, plain or as sha512:<hex>',
  }),
  admin: Type.Boolean({ default: false, description: 'May do everything' }),
  sessions: Type.Array(Type.String({ pattern: sessionPattern }), {
    default: [],
    maxItems: 1000,
    description: 'The sessions that the key may use; a star at the end stands for all names with this beginning',
    examples: [['shop', 'support-*']],
  }),
  actions: Type.Optional(Actions),
  active: Type.Boolean({ default: true }),
  note: Type.Optional(Type.String({ maxLength: 1000 })),
  rateLimit: Type.Optional(RateLimit),
});
export type DeclaredKey = Static<typeof DeclaredKey>;

/** What `config:` of the keys plugin may hold. */
export const KeysConfig = Type.Object({
  secrets: Type.Enum(['encrypted', 'hashed'], {
    type: 'string',
    default: 'encrypted',
    description: '`encrypted`: GET shows every key, as WAHA does. `hashed`: a key is shown once, when it is made',
  }),
  encryptionKey: Type.Optional(
    secret({
      description: 'The key that encrypts the API keys on the disk. Without it a key is generated and stored in `file`',
    }),
  ),
  file: Type.String({
    default: '.sessions/keys.secret',
    description: 'The file of the generated encryption key, relative to the YAML',
  }),
  maxKeys: Type.Integer({ minimum: 1, maximum: 100_000, default: 10_000 }),
  keys: Type.Array(DeclaredKey, { default: [], description: 'Declared keys; the API cannot change them' }),
});
export type KeysConfig = Static<typeof KeysConfig>;

/** Throws `CONFIG_INVALID` for declared keys that contradict themselves or each other. */
export const checkDeclared = (keys: readonly DeclaredKey[]): void => {
  const problems = keys.flatMap(({ admin, sessions, actions, name }, index) => {
    const at = `keys.${index}`;
    const twin = keys.findIndex((other) => other.name === name) < index;
    return [
      ...(twin ? [`${at}.name: there is another key '${name}'`] : []),
      ...(admin && (sessions.length > 0 || actions) ? [`${at}: an admin key has neither sessions nor actions`] : []),
      ...(!admin && sessions.length === 0 ? [`${at}.sessions: a key that is not admin needs sessions`] : []),
    ];
  });
  if (problems.length > 0) throw configInvalid(...problems);
};
