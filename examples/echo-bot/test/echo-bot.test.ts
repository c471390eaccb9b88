import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTestHost } from 'waha-runtime/testing';
import echoBot from '../index.ts';

it('sends a message back to who sent it', async () => {
  const host = await createTestHost({ plugins: [echoBot], config: { 'echo-bot': { prefix: 'you said: ' } } });
  await host.emit('message', { from: '123@c.us', body: 'hello' });
  expect(host.client().messages.sendText.calls).toEqual([[{ chatId: '123@c.us', text: 'you said: hello' }]]);
  await host.close();
});

it('names the key that is wrong in its config', async () => {
  const starting = createTestHost({ plugins: [echoBot], config: { 'echo-bot': { prefx: '>' } } });
  await expect(starting).rejects.toThrow("plugins.echo-bot.config.prefx is unknown; did you mean 'prefix'?");
});

it('is at most 20 lines, without decorators, casts or any', () => {
  const source = readFileSync(new URL('../index.ts', import.meta.url), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  expect(source).not.toMatch(/\bas \w|\bany\b|@\w+\(|<\w+>\w/);
});
