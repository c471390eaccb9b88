import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { loadConfig } from '../../../core/config/load.ts';
import type { LoadedConfig } from '../../../core/config/schema.ts';
import { type Runtime, startRuntime } from '../../../core/runtime.ts';
import { builtPage } from '../../../plugins/dashboard/build-page.ts';
import { builtins } from '../../../plugins/index.ts';
import { Api } from '../../support/api.ts';
import type { Browser, Seen } from '../../support/browser.ts';
import { root } from '../../support/built-package.ts';
import { apiKey, temporaryFolder } from '../../support/deployment.ts';
import { recordingLog } from '../../support/log.ts';

/** What became of the YAML, defaults included. */
interface Yaml {
  readonly plugins: { readonly use: string; config?: object }[];
  readonly session: { readonly timings: object };
  readonly worker: object;
}

export interface SandboxDeployment {
  readonly runtime: Runtime;
  readonly api: Api;
  close(): Promise<void>;
}

/** The ready sandbox deployment as its YAML has it, in a folder of its own; `change` makes of its YAML what a test needs. */
export const sandboxDeployment = async (change: (yaml: Yaml) => void = () => undefined): Promise<SandboxDeployment> => {
  await builtPage();
  const folder = temporaryFolder();
  const env = { WHATSAPP_API_PORT: '0', WAHA_API_KEY: apiKey, WAHA_LOCAL_STORE_BASE_DIR: folder.path };
  const loaded = loadConfig(join(root, 'configs/sandbox.yaml'), { env });
  const yaml = structuredClone(loaded.value) as unknown as Yaml;
  Object.assign(yaml.worker, { startJitter: 0 });
  change(yaml);
  const config: LoadedConfig = { ...loaded, value: yaml as unknown as LoadedConfig['value'] };
  const runtime = await startRuntime({ config, builtins, log: recordingLog() });
  const close = async (): Promise<void> => {
    await runtime.stop();
    folder.remove();
  };
  return { runtime, api: new Api(runtime.url ?? ''), close };
};

/** The config of one of its plugins, with more in it. */
export const configure = (yaml: Yaml, plugin: string, more: object): void => {
  const entry = yaml.plugins.find(({ use }) => use === plugin);
  if (!entry) throw new Error(`there is no plugin ${plugin}`);
  entry.config = { ...entry.config, ...more };
};

/** Another tab on the dashboard, signed in. */
export const signIn = async (
  browser: Browser,
  { runtime }: SandboxDeployment,
): Promise<Page & { readonly seen: Seen }> => {
  const page = await browser.open(`${runtime.url}/`);
  await page.getByLabel('API key').fill(apiKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
  await page.locator('.live-open').waitFor({ state: 'attached' });
  return page;
};

/** Goes to one of its pages by the address bar, as a bookmark does. */
export const visit = async (page: Page, path: string): Promise<void> => {
  await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
};

/** A session that is linked to a sandbox phone, and keeps its chats. */
export const linkedSession = async ({ api }: SandboxDeployment, name: string, phone: string): Promise<void> => {
  await api.post('/api/sessions', { name, config: { noweb: { store: { enabled: true } } } });
  const { body } = await api.get(`/api/${name}/auth/qr?format=raw`);
  await api.post(`/api/sandbox/phones/${phone}/scan`, { qr: body.value });
  while ((await api.get(`/api/sessions/${name}`)).body.status !== 'WORKING') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
