import { pluginApi } from '../contracts/plugin.ts';

/** The files of a new plugin's package, by their paths. `version` is the runtime's. */
export const pluginFiles = (name: string, version: string): Readonly<Record<string, string>> => {
  const plugin = name.replace(/^@[^/]+\//, '');
  return {
    'package.json': `${JSON.stringify(manifest(name, version), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(compilerOptions, null, 2)}\n`,
    'src/index.ts': source(plugin),
    'src/index.test.ts': test,
    'waha.config.yaml': deployment,
    'README.md': readme(name),
    '.gitignore': 'node_modules\ndist\n.sessions\n',
  };
};

const manifest = (name: string, version: string) => ({
  name,
  version: '0.1.0',
  description: 'A plugin for waha-runtime',
  type: 'module',
  exports: './dist/index.js',
  files: ['dist', '!dist/*.test.*'],
  waha: { api: pluginApi, plugin: './dist/index.js' },
  keywords: ['waha-plugin'],
  scripts: {
    build: 'tsc',
    test: 'tsc && node --test dist/index.test.js',
    prepack: 'tsc',
  },
  peerDependencies: { 'waha-runtime': `^${version}` },
  devDependencies: { '@types/node': '>=20', typescript: '>=5.8', 'waha-runtime': `^${version}` },
});

const compilerOptions = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
};

const source = (plugin: string) => `import { definePlugin, Tokens, Type } from 'waha-runtime';

export default definePlugin({
  name: '${plugin}',
  description: 'Answers a word with another one',
  config: Type.Object({
    word: Type.String({ default: 'ping', description: 'What is answered' }),
    answer: Type.String({ default: 'pong' }),
  }),
  needs: { sessions: Tokens.Sessions },
  setup({ on, configFor, services: { sessions } }) {
    on('message', async ({ session, payload }) => {
      const { word, answer } = configFor(session);
      if (payload.body !== word) return;
      const { messages } = await sessions.client(session);
      await messages.sendText({ chatId: payload.from, text: answer });
    });
  },
});
`;

const test = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from 'waha-runtime/testing';
import plugin from './index.ts';

test('answers its word and nothing else', async () => {
  const host = await createTestHost({ plugins: [plugin] });
  await host.emit('message', { body: 'ping' });
  await host.emit('message', { body: 'hello' });
  assert.deepEqual(host.client().messages.sendText.calls, [[{ chatId: '5511988887777@c.us', text: 'pong' }]]);
  await host.close();
});

test('refuses a config with a typing error', async () => {
  const starting = createTestHost({ plugins: [{ use: plugin, config: { wrod: 'ping' } }] });
  await assert.rejects(starting, /wrod is unknown; did you mean 'word'/);
});
`;

const deployment = `# Try the plugin: npx waha dev. WhatsApp is a sandbox on this machine.
plugins:
  - use: express
    config: { port: 3000, apiKey: try }
  - use: waha-api
  - use: sqlite
  - use: sandbox
  - use: baileys
  - use: .
    config: { word: ping, answer: pong }
sessions: [default]
`;

const readme = (name: string) => `# ${name}

A plugin for [waha-runtime](https://www.npmjs.com/package/waha-runtime).

\`\`\`yaml
plugins:
  - use: '${name}'
    config: { word: ping, answer: pong }
\`\`\`

\`npm test\` builds it and runs its tests without WhatsApp. \`npx waha dev\` runs it against a sandbox and takes over
what you change (after \`npm run build -- --watch\` in another terminal). \`npm publish\` publishes it.
`;
