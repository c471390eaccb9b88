import type { Prepared, Sandbox } from '../sandbox.ts';
import type { LoadBody } from './schemas.ts';

/** What a load test measured. Times are milliseconds, from firing to the client's receipt. */
export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Messages that were refused, or whose device was unlinked. */
  readonly failed: number;
}

/**
 * Sends messages to accounts as fast as they are confirmed, with a fixed number in flight. Everything is encrypted
 * before the clock starts.
 */
export async function runLoad(sandbox: Sandbox, load: LoadBody): Promise<LoadResult> {
  const queue = await prepare(sandbox, load);
  const latencies: number[] = [];
  let next = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let message = queue[next++]; message; message = queue[next++]) {
      const fired = performance.now();
      await message.fire().delivered.catch(() => void failed++);
      latencies.push(performance.now() - fired);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: load.inFlight }, worker));
  const seconds = (performance.now() - start) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => round(latencies[Math.floor(share * (latencies.length - 1))] ?? 0);
  return {
    messages: queue.length,
    seconds: round(seconds),
    perSecond: round(queue.length / seconds),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    failed,
  };
}

/** Round robin over accounts and their contacts, so that neighbours in the queue go to different accounts. */
async function prepare(sandbox: Sandbox, { phones, contacts, messages }: LoadBody): Promise<Prepared[]> {
  const queue: Prepared[] = [];
  for (let index = 0; index < messages; index++) {
    const phone = phones[index % phones.length] ?? '';
    const turn = Math.floor(index / phones.length) % contacts;
    const contact = sandbox.contact(`5599${String(turn).padStart(7, '0')}`);
    queue.push(...(await contact.prepare(phone, [`load ${index}`])));
  }
  return queue;
}

const round = (value: number): number => Math.round(value * 100) / 100;
