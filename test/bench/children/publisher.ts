import { setTimeout as pause } from 'node:timers/promises';
import { definePlugin, Tokens } from 'waha-runtime';
import { serve } from './serve.ts';

/** A plugin: publishes events at a steady pace when the bench says so, whether or not those before are delivered. */
export default definePlugin({
  name: 'publisher',
  description: 'Publishes events for the bench',
  needs: { events: Tokens.Events },
  setup({ services: { events } }) {
    const publish = async (count: number, everyMs: number): Promise<void> => {
      const began = performance.now();
      for (let index = 0; index < count; index++) {
        await pause(Math.max(0, began + index * everyMs - performance.now()));
        const payload = { id: `bench ${index}`, body: 'x'.repeat(200) } as never;
        void events.publish({ session: 'bench', event: 'message', payload, engine: 'NOWEB' });
      }
    };
    serve({ publish: ({ count, everyMs }: { count: number; everyMs: number }) => publish(count, everyMs) });
    // It listens to its parent, and would for ever.
    process.channel?.unref();
  },
});
