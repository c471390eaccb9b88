import {
  appType,
  definePlugin,
  type EventSink,
  forgetFollower,
  type HealthIndicator,
  type MetricSource,
  Points,
  Tokens,
  unprocessable,
} from 'waha-runtime';
import { ChatwootApp, followerName } from './chatwoot-app.ts';
import { ChatwootConfig, PluginConfig } from './config.ts';
import { TaskStore } from './inward/task-queue.ts';
import { MediaFiles } from './media-files.ts';
import { MessageMap } from './message-map.ts';
import type { Services } from './services.ts';
import { checkTexts } from './texts/texts.ts';
import { webhookGroup } from './webhook.ts';

const day = 86_400_000;

/** The chats of a session as conversations in Chatwoot, and the answers of its agents in WhatsApp. */
export default definePlugin({
  name: 'chatwoot',
  description: 'Apps that show the chats of a session in Chatwoot, and send the answers of agents',
  config: PluginConfig,
  needs: {
    sessions: Tokens.Sessions,
    clock: Tokens.Clock,
    random: Tokens.Random,
    eventLog: Tokens.EventLog,
    runtime: Tokens.Runtime,
    shutdown: Tokens.Shutdown,
  },
  wants: { stored: Tokens.Files, ownership: Tokens.Ownership },
  async setup({ name, config, services, http, contribute, contributions, setInterval, onReady }) {
    const { clock, eventLog, ownership } = services;
    const map = await MessageMap.open(eventLog.database, clock);
    const tasks = await TaskStore.open(eventLog.database, clock);
    const files = new MediaFiles(services.stored);
    const routes = () => contributions(Points.Routes).flatMap(({ value }) => value.routes);
    const shared: Services = { ...services, ...config, http, map, tasks, files, routes };
    const running = new Map<string, ChatwootApp>();
    contribute(Points.App, chatwootType(shared, running));
    contribute(Points.EventSink, sinkOf(name, running));
    contribute(Points.HealthIndicator, indicatorOf(name, running));
    contribute(Points.Metrics, metricsOf(name, running));
    const find = (session: string, id: string) => {
      const app = running.get(id);
      return app?.session === session ? app : undefined;
    };
    contribute(Points.Routes, webhookGroup(find));
    const forgetOld = async (): Promise<void> => {
      const time = Math.floor(clock.now() - config.keepDays * day);
      await map.forgetBefore(time);
      await tasks.forgetBefore(time);
    };
    if (!ownership) onReady(forgetOld);
    setInterval(
      async () => {
        if (!ownership || (await ownership.does(`upkeep of ${name}`))) await forgetOld();
      },
      ownership ? day / 24 : day,
    );
  },
});

const chatwootType = (services: Services, running: Map<string, ChatwootApp>) => {
  const { http, eventLog, map, tasks } = services;
  const forget = async ({ id }: { readonly id: string }): Promise<void> => {
    await map.forget(id);
    await tasks.forget(id);
    running.get(id)?.forgetConversations();
  };
  return appType({
    type: 'chatwoot',
    description: 'Shows the chats of a session in an inbox of Chatwoot',
    config: ChatwootConfig,
    check(config) {
      const refusal = http.refusal(config.url);
      if (refusal !== null) throw unprocessable(`config.url: ${refusal}`);
      checkTexts(config);
    },
    async prepare({ session, enabled, config }, before) {
      // What happened while it was switched off is not told.
      if (enabled && before && !before.enabled) await forgetFollower(eventLog, followerName(session));
      return config;
    },
    async start(context) {
      const app = new ChatwootApp(context, services);
      running.set(context.id, app);
      context.on('session.status', (event) => app.heard(event));
      await app.start();
      return async () => {
        running.delete(context.id);
        await app.stop();
      };
    },
    purge: forget,
    async remove(app) {
      await forget(app);
      await forgetFollower(eventLog, followerName(app.session));
    },
  });
};

/** Every app reads the event log at its own pace: a server that is away holds up no other. */
const sinkOf = (name: string, running: ReadonlyMap<string, ChatwootApp>): EventSink => ({
  name,
  deliver(event, logged) {
    for (const { session, follower } of running.values()) {
      if (session === event.session) void follower.deliver(event, logged);
    }
  },
  oldestNeeded() {
    const needed = [...running.values()].map(({ follower }) => follower.oldestNeeded());
    const some = needed.filter((cursor) => cursor !== null);
    return some.length === 0 ? null : Math.min(...some);
  },
});

const indicatorOf = (name: string, running: ReadonlyMap<string, ChatwootApp>): HealthIndicator => ({
  name,
  check() {
    const reports = [...running.values()].map(({ session, follower }) => [session, follower.check()] as const);
    const isDown = reports.some(([, { status }]) => status === 'down');
    const message = isDown ? { message: 'the oldest events for an app are lost' } : {};
    return { status: isDown ? 'down' : 'up', ...message, apps: Object.fromEntries(reports) };
  },
});

const metricsOf = (name: string, running: ReadonlyMap<string, ChatwootApp>): MetricSource => ({
  name,
  collect: () => [...running.values()].flatMap(({ follower }) => follower.collect()),
});
