import { resolve } from 'node:path';
import { type ApiKeys, definePlugin, type OwnedKey, Points, sentence, Tokens } from 'waha-runtime';
import { checkDeclared, type DeclaredKey, KeysConfig } from './config.ts';
import { KeyBook, type ShownKey } from './key-book.ts';
import { keysGroup } from './routes.ts';
import { openSealing } from './sealing.ts';
import { hashOf, type StoredKey } from './stored-key.ts';

const minute = 60_000;

/** Keys with limits: for some sessions, some actions, some time. */
export default definePlugin({
  name: 'keys',
  description: 'API keys that are limited to some sessions and actions',
  config: KeysConfig,
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock },
  wants: { ownership: Tokens.Ownership },
  provides: [Tokens.ApiKeys],
  async setup(context) {
    const { name, config, services, storage, baseDir, log, contribute, provide, onReady, onClose, setInterval } =
      context;
    const { secrets, encryptionKey, file, keys, maxKeys } = config;
    checkDeclared(keys);
    const { sessions, clock, ownership } = services;
    const sealing =
      secrets === 'hashed' ? null : await openSealing({ plugin: name, encryptionKey, file, baseDir, storage });
    if (sealing && !encryptionKey) contribute(Points.BackupFile, { path: resolve(baseDir, file) });
    const book = await KeyBook.open({ storage, sessions, clock, sealing, maxKeys }, keys.map(storedOf));
    provide(Tokens.ApiKeys, ownedKeys(book));
    contribute(Points.KeyRing, book.live);
    contribute(Points.Routes, keysGroup(book));
    contribute(Points.SessionData, { name, remove: (session) => book.forgetSession(session) });
    // In a cluster another process may make a session at any moment: its keys go with it, and not before.
    if (!ownership) onReady(() => book.forgetMissing());
    storage.onForeignChange?.(() => {
      book.refresh().catch((error) => log.warn(`keys of other processes could not be read: ${sentence(error)}`));
    });
    setInterval(async () => {
      book.live.endExpired();
      await book.saveUse();
    }, minute);
    onClose(() => book.saveUse());
  },
});

const digestPrefix = 'sha512:';

/** A key of the YAML like the others: only its hash is in memory. */
const storedOf = ({ name, key, admin, active, sessions, actions, note, rateLimit }: DeclaredKey): StoredKey => ({
  id: `key_id_${name}`,
  hash: key.startsWith(digestPrefix)
    ? Buffer.from(key.slice(digestPrefix.length), 'hex').toString('base64url')
    : hashOf(key),
  sealed: null,
  isActive: active,
  isAdmin: admin,
  sessions,
  actions: actions ?? null,
  note: note ?? null,
  expiresAt: null,
  rateLimit: rateLimit ?? null,
  createdAt: null,
  lastUsedAt: null,
  previous: [],
  owner: null,
});

const ownedOf = ({ stored, secret }: ShownKey): OwnedKey => ({ id: stored.id, key: secret });

const ownedKeys = (book: KeyBook): ApiKeys => ({
  create: async ({ session, ...key }) =>
    ownedOf(await book.createOwned({ ...key, isAdmin: false, sessions: [session] })),
  get(id) {
    const found = book.get(id);
    return found && ownedOf(found);
  },
  change: async (id, change) => ownedOf(await book.changeOwned(id, change)),
  remove: (id) => book.removeOwned(id),
});
