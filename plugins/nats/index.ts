import { definePlugin, followLog, type LoggedEvent, Points, Tokens } from 'waha-runtime';
import { NatsConfig } from './config.ts';
import { JetStream } from './jet-stream.ts';

/** Publishes events to NATS JetStream: each at least once and in order, however long the broker is away. */
export default definePlugin({
  name: 'nats',
  description: 'Publishes events to NATS JetStream',
  config: NatsConfig,
  needs: { eventLog: Tokens.EventLog, clock: Tokens.Clock, random: Tokens.Random },
  wants: { ownership: Tokens.Ownership },
  setup({ name, config, services, log, includes, contribute, onReady, onClose }) {
    const { events, begin } = config;
    const broker = new JetStream(config);
    const deliver = (logged: LoggedEvent) => broker.publish(logged);
    const sink = followLog({ name, ...services, log, includes, events, begin, deliver });
    contribute(Points.EventSink, sink);
    contribute(Points.HealthIndicator, sink);
    contribute(Points.Metrics, sink);
    onReady(() => sink.start());
    onClose(async () => {
      await sink.close();
      await broker.close();
    });
  },
});
