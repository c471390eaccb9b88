import { expect, it } from 'vitest';
import { createTestHost } from 'waha-runtime/testing';
import renamedKey from '../renamed-key.ts';

const sendThree = async (config: object) => {
  const host = await createTestHost({ plugins: [renamedKey], config: { 'renamed-key': config } });
  const client = await host.sessions.client('default');
  const refusal = await client.messages.sendText({ chatId: '123@c.us', text: 'abc' }).then(
    () => null,
    (error: Error) => error.message,
  );
  const warnings = host.logged.filter(({ level }) => level === 'warn').map(({ message }) => message);
  await host.close();
  return { refusal, warnings };
};

it.each([{ limit: 2 }, { maxLength: 2 }])('takes the old and the new name of a key: %o', async (config) => {
  const { refusal, warnings } = await sendThree(config);
  expect(refusal).toBe('a text has at most 2 characters');
  expect(warnings.some((line) => line.startsWith('limit is called maxLength now'))).toBe('limit' in config);
});

it('has a default', async () => {
  expect(await sendThree({})).toEqual({ refusal: null, warnings: [] });
});
