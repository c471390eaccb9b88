import { readFileSync } from 'node:fs';
import { serve } from './serve.ts';

/** Loaded into a process in front of its own code, to ask it how late its event loop was (ms). */
const resolution = 10;

/** How long the main thread has been on a CPU (ms). */
const onCpu = (): number => {
  const [nanoseconds = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
};

const late: number[] = [];
/** The part of it that the process was working: what is left is the machine's, which had others to serve. */
const working: number[] = [];
let then = performance.now();
let cpu = onCpu();
setInterval(() => {
  const [now, used] = [performance.now(), onCpu()];
  const delay = Math.max(0, now - then - resolution);
  late.push(delay);
  working.push(Math.min(delay, used - cpu));
  [then, cpu] = [now, used];
}, resolution).unref();

const summary = (delays: number[]) => {
  const sorted = delays.splice(0).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

serve({ delays: () => ({ late: summary(late), working: summary(working) }) });
process.channel?.unref();
