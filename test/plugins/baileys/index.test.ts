import { describe, expect, it } from 'vitest';
import { Points, Tokens } from 'waha-runtime';
import { SimulatedClock } from '../../support/clock.ts';
import { startPluginHost } from '../../support/plugin-host.ts';

const start = (config?: object) =>
  startPluginHost({
    plugins: [{ use: 'baileys', ...(config ? { config } : {}) }],
    services: [[Tokens.Clock, new SimulatedClock()]],
  });

describe('the plugin', () => {
  it('contributes the engine NOWEB, and needs nothing to be configured', async () => {
    const host = await start();
    expect(host.contributions(Points.Engine).map(({ value }) => value.name)).toEqual(['NOWEB']);
    expect(host.contributions(Points.Metrics).map(({ value }) => value.name)).toEqual(['NOWEB']);
    await host.close();
  });

  it.each([
    ['version', { version: [2, 3000] }],
    ['rootKey', { endpoint: { url: 'http://x', rootKey: '00' } }],
    ['queryTimeoutMs', { queryTimeoutMs: 1 }],
  ])('is not set up with a wrong %s', async (field, config) => {
    await expect(start(config)).rejects.toThrow(field);
  });
});
