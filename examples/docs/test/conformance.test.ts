import type { RuntimeEvent } from 'waha-runtime';
import { definePlugin, Points } from 'waha-runtime';
import { memoryDatabase } from 'waha-runtime/testing';
import { describeDatabase, describeSink } from 'waha-runtime/testing/conformance';

const heard: RuntimeEvent[] = [];
const ears = definePlugin({
  name: 'ears',
  setup: ({ contribute }) => contribute(Points.EventSink, { name: 'ears', deliver: (event) => void heard.push(event) }),
});

describeDatabase('mine', async () => memoryDatabase());
describeSink('mine', ears, { config: () => ({}), read: () => heard, afterEach: () => void heard.splice(0) });
