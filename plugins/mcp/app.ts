import { type ApiKeys, appType, type Static, secret, Type, unprocessable } from 'waha-runtime';

const action = Type.Optional(Type.Boolean());

const McpAppConfig = Type.Object({
  actions: Type.Object(
    { read: action, send: action, control: action, setting: action, app: action, delete: action },
    { additionalProperties: false, description: 'The actions that agents with this key may take in the session' },
  ),
  key_id: Type.Optional(Type.Union([Type.String(), Type.Null()], { readOnly: true, description: 'Of the key' })),
  key: Type.Optional(
    Type.Union([secret(), Type.Null()], { readOnly: true, description: 'The value that agents send as `X-Api-Key`' }),
  ),
});
type McpAppConfig = Static<typeof McpAppConfig>;

/** A key of its own for the agents of one session. It is made, changed and removed with the app. */
export const mcpApp = (keys: ApiKeys | undefined) => {
  /** Keys that were just made, by id: where only hashes are kept, this is where they can be shown, once. */
  const fresh = new Map<string, string>();
  return appType({
    type: 'mcp',
    description: 'A key for the AI agents of a session, who call its operations as tools at `/mcp`',
    config: McpAppConfig,
    several: true,
    // Its key opens the endpoint, which serves everybody.
    start: () => undefined,
    async prepare({ id, session, enabled, config: { actions } }, before): Promise<McpAppConfig> {
      if (!keys) throw unprocessable('an app of type mcp has a key, and the plugin keys is not loaded');
      const keyId = before?.config.key_id;
      const wish = { actions, isActive: enabled };
      const key = keyId
        ? await keys.change(keyId, wish)
        : await keys.create({ ...wish, session, owner: `app '${id}'` });
      if (!keyId && key.key) fresh.set(key.id, key.key);
      return { actions, key_id: key.id };
    },
    present({ config }): McpAppConfig {
      const { key_id: id } = config;
      if (!id) return { ...config, key: null };
      const made = fresh.get(id);
      fresh.delete(id);
      return { ...config, key: keys?.get(id)?.key ?? made ?? null };
    },
    async remove({ config: { key_id } }) {
      if (!key_id) return;
      fresh.delete(key_id);
      await keys?.remove(key_id);
    },
  });
};
