import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuthChanges } from 'waha-runtime/engine';
import { type Sandbox, startSandbox } from '../../../plugins/sandbox/sandbox.ts';
import { settle } from '../../support/clock.ts';
import { MemoryAuth, TestSession } from './session.ts';

/** Stores nothing until it is told to. */
class SlowAuth extends MemoryAuth {
  release: () => void = () => undefined;
  asked: () => void = () => undefined;
  readonly called = new Promise<void>((resolve) => {
    this.asked = resolve;
  });
  readonly #gate = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  override async commit(changes: AuthChanges): Promise<void> {
    if (changes.credentials) this.asked();
    await this.#gate;
    return super.commit(changes);
  }
}

let sandbox: Sandbox;
let session: TestSession | undefined;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => session?.close());
afterAll(() => sandbox.close());

describe('a phone that scans', () => {
  it('hears that it is linked only when the credentials can be lost no longer', async () => {
    const auth = new SlowAuth();
    session = new TestSession(sandbox, { auth });
    session.open();
    const { codes } = await session.signal('engine.qr');
    let linked = false;
    const scanned = sandbox
      .phone('4915200000777')
      .scan(codes[0] ?? '')
      .then(() => {
        linked = true;
      });
    await auth.called;
    await settle();
    await settle();
    expect([linked, auth.stored]).toEqual([false, null]);
    auth.release();
    await scanned;
    expect(auth.stored?.linked).toBe(true);
  });
});
