import { ulid } from 'ulid';
import { definePlugin, Points, Tokens } from 'waha-runtime';
import { readConfig, WebhookPluginConfig } from './config.ts';
import { Endpoints } from './endpoints.ts';
import { MemoryQueue } from './queue.ts';
import { webhookSink, webhookSinkBrand } from './sink.ts';

/**
 * Delivers events to the webhooks of the YAML and to those of the sessions' own configs, at least once each.
 * Several instances may run, each with its own webhooks; the first one serves the sessions' webhooks, too.
 */
export default definePlugin({
  name: 'webhook',
  description: 'Delivers events by HTTP: signed, retried, and through the network guard',
  config: WebhookPluginConfig,
  needs: { sessions: Tokens.Sessions, egress: Tokens.Egress, clock: Tokens.Clock, random: Tokens.Random },
  setup({ name, config, services, log, contribute, contributions, onReady, onClose }) {
    const { sessions, egress, clock, random } = services;
    const global = readConfig(config, (url) => egress.refusal(url, { trusted: true }));
    const endpoints = new Endpoints({ ...global, plugin: name, sessions, log });
    const queue = new MemoryQueue({ egress, endpoints, clock, random, log });

    contribute(Points.EventSink, webhookSink({ name, endpoints, queue, newRequestId: () => ulid(clock.now()) }));
    contribute(Points.HealthIndicator, { name, check: () => ({ status: 'up', ...queue.counts() }) });
    onReady(() => {
      const first = contributions(Points.EventSink).find(({ value }) => webhookSinkBrand in value);
      endpoints.servesSessions = first?.plugin === name;
    });
    onClose(() => queue.close());
  },
});
