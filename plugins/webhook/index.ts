import { ulid } from 'ulid';
import { definePlugin, type HealthReport, Points, Tokens } from 'waha-runtime';
import { readConfig, WebhookPluginConfig } from './config.ts';
import { Endpoints } from './endpoints/endpoints.ts';
import { webhookMetrics } from './metrics.ts';
import { Deliveries } from './queue/deliveries.ts';
import { instanceOf, type WebhookInstance, webhookSink } from './queue/sink.ts';
import { Control } from './routes/control.ts';
import { webhookGroup } from './routes/routes.ts';

/**
 * Delivers events to the webhooks of the YAML and to those of the sessions' own configs, at least once each.
 * Several instances may run, each with its own webhooks; the first one serves the sessions' webhooks, too.
 */
export default definePlugin({
  name: 'webhook',
  description: 'Delivers events by HTTP: durable, signed, retried, and through the network guard',
  config: WebhookPluginConfig,
  needs: {
    sessions: Tokens.Sessions,
    egress: Tokens.Egress,
    clock: Tokens.Clock,
    random: Tokens.Random,
    eventLog: Tokens.EventLog,
    runtime: Tokens.Runtime,
  },
  wants: { ownership: Tokens.Ownership },
  async setup({ name, config, services, log, contribute, contributions, onReady, onClose }) {
    const { sessions, egress, clock, random, eventLog, runtime, ownership } = services;
    const { retention, ...global } = readConfig(config, (url) => egress.refusal(url, { trusted: true }));
    const endpoints = new Endpoints({ ...global, plugin: name, sessions, log });
    // With `Math.random`: by itself it asks the kernel for randomness sixteen times. These ids are no secret.
    const newRequestId = () => ulid(clock.now(), Math.random);
    const instances = () =>
      contributions(Points.EventSink)
        .map(({ value }) => instanceOf(value))
        .filter((instance): instance is WebhookInstance => instance !== null);
    const isFirst = () => instances()[0]?.name === name;
    const shared = { plugin: name, egress, endpoints, clock, random, log, retention, newRequestId, ownership };
    const deliveries = await Deliveries.open(shared, eventLog);

    const own: WebhookInstance = { name, deliveries, endpoints };
    const control = new Control({
      own,
      clock,
      runtime,
      instances,
      sessions: () => sessions.list().map(({ name }) => name),
      newId: newRequestId,
    });

    contribute(Points.EventSink, webhookSink(own));
    contribute(Points.Routes, webhookGroup(control, isFirst));
    contribute(Points.HealthIndicator, { name, check: () => health(deliveries) });
    contribute(Points.Metrics, webhookMetrics(name, deliveries));
    const { moves } = deliveries;
    if (moves) {
      contribute(Points.SessionData, {
        name,
        remove: async () => undefined,
        taken: (session) => moves.taken(session),
        released: (session) => moves.released(session),
      });
    }
    onReady(async () => {
      endpoints.servesSessions = isFirst();
      const others = new Set(instances().flatMap((instance) => (instance.name === name ? [] : instance.name)));
      if (isFirst()) await deliveries.takeUp((owner) => !others.has(owner));
      else await deliveries.takeUp((owner) => owner === name);
    });
    onClose(() => deliveries.close());
  },
});

const health = (deliveries: Deliveries): HealthReport => {
  const { failure } = deliveries;
  const counts = deliveries.counts();
  return failure === null
    ? { status: 'up', ...counts }
    : { status: 'down', message: `results cannot be stored: ${failure}`, ...counts };
};
