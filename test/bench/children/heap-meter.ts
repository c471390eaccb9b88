import { heapUsed } from './heap.ts';
import { serve } from './serve.ts';

/** Loaded into a process in front of its own code, to ask it what is alive on its heap. */
serve({ heap: () => heapUsed() });
process.channel?.unref();
