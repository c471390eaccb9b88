import { signal } from '@preact/signals';
import { get } from './client.ts';
import type { PluginInfo } from './shapes.ts';

/** What this deployment can do, by the operations that it has. */
export interface Features {
  readonly chats: boolean;
  readonly webhooks: boolean;
  readonly sandbox: boolean;
  readonly metrics: boolean;
  readonly keys: boolean;
  readonly apps: boolean;
}

/** Where each shows, and which plugin is asked for when the document is not served. */
const marks: Readonly<Record<keyof Features, { readonly path: string; readonly plugin: string }>> = {
  chats: { path: '/api/{session}/chats', plugin: 'waha-api' },
  webhooks: { path: '/api/webhooks/endpoints', plugin: 'webhook' },
  sandbox: { path: '/api/sandbox/phones', plugin: 'sandbox' },
  metrics: { path: '/metrics', plugin: 'metrics' },
  keys: { path: '/api/keys', plugin: 'keys' },
  apps: { path: '/api/apps', plugin: 'apps' },
};

/** Null until it is known. */
export const features = signal<Features | null>(null);

const select = (has: (mark: { readonly path: string; readonly plugin: string }) => boolean): Features =>
  Object.fromEntries(Object.entries(marks).map(([name, mark]) => [name, has(mark)])) as unknown as Features;

/** Reads what there is from the OpenAPI document; where that is not served, from the list of plugins. */
export const detectFeatures = async (): Promise<void> => {
  try {
    const { paths } = await get<{ readonly paths: Readonly<Record<string, unknown>> }>('openapi.json');
    features.value = select(({ path }) => path in paths);
  } catch {
    const plugins = await get<readonly PluginInfo[]>('api/server/plugins').catch(() => []);
    features.value = select(({ plugin }) => plugins.some(({ name }) => name === plugin));
  }
};
