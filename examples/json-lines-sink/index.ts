import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { definePlugin, Points, Type } from 'waha-runtime';

/** Writes every event to a file, one on each line, in order. */
export default definePlugin({
  name: 'json-lines-sink',
  description: 'Writes events to a file',
  config: Type.Object({ file: Type.String({ description: 'Relative to the YAML file' }) }),
  async setup({ name, config, baseDir, contribute, onClose }) {
    const file = await open(resolve(baseDir, config.file), 'a', 0o600);
    let written = Promise.resolve();
    contribute(Points.EventSink, {
      name,
      // `body` is the event as JSON already; one write after the other keeps the lines whole and in order.
      deliver: (_, { body }) => {
        const line = written.then(() => file.appendFile(`${body}\n`));
        written = line.catch(() => undefined);
        return line;
      },
    });
    onClose(async () => {
      await written;
      await file.close();
    });
  },
});
