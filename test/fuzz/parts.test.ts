import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BesideRequests } from './beside.ts';
import { ApiDocument } from './document.ts';
import { Judge } from './judge.ts';
import { Known } from './known.ts';
import { LastingApi, TargetEnded } from './lasting-api.ts';
import { LoopBlocks } from './loop-blocks.ts';
import { minimise } from './minimise.ts';
import { Random } from './random.ts';
import type { FuzzRequest } from './request.ts';
import { Requests } from './requests.ts';
import { Values } from './values.ts';

const thing = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const document = new ApiDocument({
  paths: {
    '/things/{id}': {
      post: {
        parameters: [{ name: 'id', in: 'path', schema: { type: 'string' } }],
        requestBody: json({ $ref: '#/components/schemas/Thing' }),
        responses: {
          201: json({ $ref: '#/components/schemas/Thing' }),
          400: { $ref: '#/components/responses/Bad' },
          501: {},
        },
      },
    },
  },
  components: { schemas: { Thing: thing }, responses: { Bad: json({ type: 'object', required: ['message'] }) } },
});
const operation = document.operation('POST', '/things/{id}');

describe('the judge', () => {
  const judge = new Judge(document);
  const kindOf = (status: number, text: string, contentType = 'application/json', excused = false) =>
    judge.fault(operation, { status, text, contentType }, excused)?.kind;

  it('takes what is declared', () => {
    expect(kindOf(201, '{"id":"a"}')).toBeUndefined();
    expect(kindOf(400, '{"message":[]}')).toBeUndefined();
    expect(kindOf(501, '{}')).toBeUndefined();
    expect(kindOf(431, '')).toBeUndefined();
  });

  it('finds other statuses, other shapes and server faults', () => {
    expect(kindOf(404, '{}')).toBe('undeclared');
    expect(kindOf(201, '{"id":1}')).toBe('shape');
    expect(kindOf(201, '{"id":')).toBe('shape');
    expect(kindOf(400, '{}')).toBe('shape');
    expect(kindOf(201, 'a', 'text/html')).toBe('shape');
    expect(kindOf(500, '{}')).toBe('server-fault');
    expect(kindOf(503, '{}')).toBe('server-fault');
    expect(kindOf(503, '{}', 'application/json', true)).toBe('undeclared');
  });
});

describe('the minimiser', () => {
  it('takes away all that a failure does not need', async () => {
    const value = { a: [1, { bad: `${'x'.repeat(500)}`, good: 1 }], b: 'text', c: { d: {} } };
    const request: FuzzRequest = {
      operation,
      params: { id: 'long'.repeat(9) },
      query: { q: 'x' },
      headers: { accept: 'x' },
      body: { kind: 'json', value },
    };
    const smallest = await minimise(request, async ({ body }) => JSON.stringify(body ?? null).includes('"bad":"x'));
    expect(smallest).toEqual({
      operation,
      params: { id: 'l' },
      query: {},
      headers: {},
      body: { kind: 'json', value: { a: [{ bad: 'x' }] } },
    });
  });
});

describe('the generator', () => {
  const made = (seed: number): FuzzRequest[] => {
    const random = new Random(seed);
    const requests = new Requests(random, document, new Values(random, document, new Known({})), () => true);
    return Array.from({ length: 200 }, () => requests.any());
  };

  it('makes the same requests of the same seed, and others of another', () => {
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
  });

  it('makes requests that fit and requests that do not', () => {
    const fits = ({ body }: FuzzRequest): boolean => {
      const { id } = (body?.kind === 'json' ? (body.value ?? {}) : {}) as { id?: unknown };
      return typeof id === 'string';
    };
    const fitting = made(1).filter(fits).length;
    expect(fitting).toBeGreaterThan(50);
    expect(fitting).toBeLessThan(200);
  });
});

describe('a connection that is lost', () => {
  const asked = async (lost: number, hasEnded: boolean) => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      if (requests <= lost) request.socket.destroy();
      else response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = new LastingApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => hasEnded);
    try {
      return (await api.get('/ping')).status;
    } catch (error) {
      return error;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it('is made anew, once', async () => {
    expect(await asked(1, false)).toBe(200);
    expect(await asked(2, false)).toBeInstanceOf(Error);
  });

  it('says plainly when the process has ended', async () => {
    expect(await asked(1, true)).toBeInstanceOf(TargetEnded);
  });
});

describe.runIf(process.platform === 'linux')('the watch over the event loop', () => {
  it('writes down how long the loop was at work without a pause, and nothing of one that waits', () => {
    const folder = mkdtempSync(join(tmpdir(), 'waha-watch-'));
    const file = join(folder, 'blocks');
    const blocks = new LoopBlocks(file);
    const run = (program: string) =>
      execFileSync(
        process.execPath,
        ['--import', fileURLToPath(new URL('loop-watch.mjs', import.meta.url)), '-e', program],
        { env: { ...process.env, LOOP_WATCH_FILE: file } },
      );
    try {
      run('setTimeout(() => undefined, 600)');
      expect(blocks.take()).toBe(0);
      // Busy by the process's own clock, so that it does not matter what else the machine does.
      run(`const busy = () => { const { user, system } = process.cpuUsage(); return user + system; };
        setTimeout(() => { const from = busy(); while (busy() < from + 400_000); }, 200);
        setTimeout(() => undefined, 300)`);
      expect(blocks.take()).toBeGreaterThan(300);
      expect(blocks.take()).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('requests beside the document', () => {
  const mcp = { '/mcp': { post: { requestBody: json({}), responses: { 200: {} } } } };
  const withTools = new ApiDocument({ paths: mcp, components: { schemas: {}, responses: {} } });
  const tools = [
    { name: 'ping', inputSchema: { type: 'object', properties: { name: { const: 'x' } }, required: ['name'] } },
  ];
  const random = new Random(1);
  const beside = new BesideRequests(random, new Values(random, withTools, new Known({})), withTools, tools);
  const made = Array.from({ length: 2_000 }, () => beside.maybe()).filter((one) => one !== null);

  it('are pages and calls of tools', () => {
    expect(made.filter(({ operation }) => operation.isPage).length).toBeGreaterThan(20);
    const calls = made.flatMap(({ body }) => (body?.kind === 'json' ? [body.value] : []));
    expect(calls).toContainEqual(expect.objectContaining({ params: { name: 'ping', arguments: { name: 'x' } } }));
  });

  it('find a page that fails or shows a file of the machine, and a tool that fails', () => {
    const judge = new Judge(withTools);
    const page = { method: 'GET', path: '/', parameters: [], json: undefined, form: undefined, isPage: true } as const;
    const answer = (status: number, text: string) => ({ status, text, contentType: 'text/html' });
    expect(judge.fault(page, answer(404, ''), false)).toBeNull();
    expect(judge.fault(page, answer(500, ''), false)?.kind).toBe('server-fault');
    expect(judge.fault(page, answer(200, 'root:x:0:0:root:/root:/bin/bash'), false)?.kind).toBe('shape');
    const call = withTools.operation('POST', '/mcp');
    expect(judge.fault(call, answer(200, 'data: {"type":"text","text":"500: no"}'), false)?.kind).toBe('server-fault');
  });
});
