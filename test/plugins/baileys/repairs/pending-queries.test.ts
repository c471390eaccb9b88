import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { releaseQueries } from '../../../../plugins/baileys/repairs/pending-queries.ts';

it('queries under way reject as those of a closed connection', async () => {
  const client = new EventEmitter();
  const query = once(client, 'TAG:1');
  releaseQueries(client);
  await expect(query).rejects.toMatchObject({ message: 'Connection Closed', output: { statusCode: 428 } });
});

it('nothing is thrown when no query is under way', () => {
  expect(() => releaseQueries(new EventEmitter())).not.toThrow();
});
