import { describe, expect, it } from 'vitest';
import { apiKey, limitedKey, numbers, serveEvents } from './serve-events.ts';

describe('a client of /ws', () => {
  it('gets each event as it was committed, with its cursor as one more field', async () => {
    const { listen, publish, eventLog } = await serveEvents();
    const client = await listen();
    await publish('message', 'ana', { body: 'grüße "😀"' });
    await publish('session.status', 'bob');
    await client.until(2);
    const logged = await eventLog.read({});
    expect(client.raw).toEqual(logged.map(({ body, cursor }) => `${body.slice(0, -1)},"cursor":${cursor}}`));
    const { cursor, ...event } = client.frames[0]!;
    expect(cursor).toBe(1);
    expect(event).toEqual(JSON.parse(logged[0]!.body));
  });

  it('gets nothing but what happens from then on', async () => {
    const { listen, publish } = await serveEvents();
    await publish();
    const client = await listen();
    await publish();
    await client.until(1);
    await client.level();
    expect(client.ids).toEqual(['2']);
  });

  it.each([
    ['', ['message ana', 'presence.update bob', 'message bob']],
    ['session=*&events=*', ['message ana', 'presence.update bob', 'message bob']],
    ['session=&events=', ['message ana', 'presence.update bob', 'message bob']],
    ['session=bob', ['presence.update bob', 'message bob']],
    ['session=nobody&session=ana', ['message ana']],
    ['events=message', ['message ana', 'message bob']],
    ['events=engine.event&events=presence.update', ['engine.event ana', 'presence.update bob']],
    ['events=engine.event,presence.update', ['engine.event ana', 'presence.update bob']],
    ['events=*,engine.event', ['message ana', 'engine.event ana', 'presence.update bob', 'message bob']],
    ['session=bob,carl&events=message, message.ack', ['message bob']],
  ])('gets what it asks for (%s)', async (query, expected) => {
    const { listen, publish } = await serveEvents();
    const client = await listen(query);
    await publish('message', 'ana');
    await publish('engine.event', 'ana');
    await publish('presence.update', 'bob');
    await publish('message', 'bob');
    await client.until(expected.length);
    await client.level();
    expect(client.frames.map(({ event, session }) => `${event} ${session}`)).toEqual(expected);
  });

  it('does not hear what it says, and is closed when it says much', async () => {
    const { listen, publish } = await serveEvents();
    const client = await listen();
    client.socket.send('{"event":"message"}');
    await client.level();
    await publish();
    await client.until(1);
    expect(client.frames).toHaveLength(1);
    client.socket.send('x'.repeat(5_000));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('hurts nobody when it breaks off', async () => {
    const { listen, publish, counts } = await serveEvents();
    const [one, other] = [await listen(), await listen()];
    one.socket.terminate();
    await publish();
    await other.until(1);
    await expect.poll(counts).toMatchObject({ clients: 1 });
    await publish();
    await other.until(2);
    expect(other.ids).toEqual(numbers(1, 2));
  });

  it('is told 1001 when the server stops, after the last event', async () => {
    const { listen, publish, close } = await serveEvents();
    const client = await listen();
    void publish();
    await close();
    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is shutting down' });
    expect(client.ids).toEqual(['1']);
  });

  it('gets uncompressed frames, unless the config says otherwise', async () => {
    const offer = { perMessageDeflate: true };
    const plain = await (await serveEvents()).listen('', offer);
    expect((await plain.opened)['sec-websocket-extensions']).toBeUndefined();
    const { listen, publish } = await serveEvents({ websocket: { compression: true } });
    const packed = await listen('', offer);
    expect((await packed.opened)['sec-websocket-extensions']).toContain('permessage-deflate');
    await publish('message', 'ana', { body: 'x'.repeat(10_000) });
    await packed.until(1);
    expect(packed.ids).toEqual(numbers(1, 1));
  });
});

describe('an upgrade of /ws', () => {
  it('needs the key', async () => {
    const { dial } = await serveEvents();
    const unauthorized = { status: 401, body: { message: 'Unauthorized', statusCode: 401 } };
    expect(await dial('session=*').refused).toEqual(unauthorized);
    expect(await dial('x-api-key=wrong').refused).toEqual(unauthorized);
    expect(await dial('', { headers: { 'x-api-key': 'wrong' } }).refused).toEqual(unauthorized);
  });

  it('takes the key in a header, too', async () => {
    const { dial, publish } = await serveEvents();
    const client = dial('', { headers: { 'x-api-key': apiKey } });
    await client.opened;
    await publish();
    await client.until(1);
    expect(client.events).toHaveLength(1);
  });

  it.each([
    ['events=mesage', "events: 'mesage' is not an event; did you mean 'message'?"],
    ['events=message,foo.bar.baz', "events: 'foo.bar.baz' is not an event"],
    ['since=', 'since must be the cursor of an event, a whole number'],
    ['since=abc', 'since must be the cursor of an event, a whole number'],
    ['since=-1', 'since must be the cursor of an event, a whole number'],
    ['since=1.5', 'since must be the cursor of an event, a whole number'],
    ['since=99999999999999999999', 'since must be the cursor of an event, a whole number'],
    ['since=2', 'since: 2 is beyond the newest event (1): this is not the log that the cursor is from'],
  ])('with %s is refused with a 400 that says why', async (query, message) => {
    const { dial, publish } = await serveEvents();
    await publish();
    expect(await dial(`x-api-key=${apiKey}&${query}`).refused).toEqual({
      status: 400,
      body: { statusCode: 400, error: 'Bad Request', message: [message] },
    });
  });

  it('leaves room for others than one limited key', async () => {
    const { dial, listen, counts } = await serveEvents({ websocket: { maxClients: 8 } });
    const own = [dial(`x-api-key=${limitedKey}`), dial(`x-api-key=${limitedKey}`)];
    for (const client of own) await client.opened;
    const { status, body } = await dial(`x-api-key=${limitedKey}`).refused;
    expect([status, body.message]).toEqual([429, '2 clients are connected with this key already']);
    for (let count = 0; count < 6; count++) await listen();
    own[0]?.socket.terminate();
    await expect.poll(async () => (await counts())['clients']).toBe(7);
    await dial(`x-api-key=${limitedKey}`).opened;
  });

  it('is refused with a 503 when too many are connected', async () => {
    const { listen, dial } = await serveEvents({ websocket: { maxClients: 1 } });
    const client = await listen();
    const { status, body } = await dial(`x-api-key=${apiKey}`).refused;
    expect([status, body.message]).toEqual([503, '1 clients are connected already']);
    client.socket.terminate();
  });
});
