import {
  type Contribution,
  definePlugin,
  type Forwarder,
  type Log,
  type Page,
  Points,
  type RouteGroup,
  type RuntimeInfo,
  Tokens,
} from 'waha-runtime';
import { type Authorize, refuser, UploadSlots } from 'waha-runtime/http';
import { authorizer, keyDigest } from './api-key.ts';
import { createApp } from './app.ts';
import { ExpressConfig, type Settings, settingsOf } from './config.ts';
import { Listener } from './listener.ts';
import { openApiDocument } from './openapi.ts';
import { mountPages } from './pages.ts';
import { probes } from './probes.ts';
import { RequestMetrics } from './request-metrics.ts';
import { mountDocument, swaggerPage } from './swagger.ts';
import { upgradeDispatcher } from './upgrade.ts';

/** The HTTP server: mounts the routes that plugins contribute, checks keys and schemas, answers errors. */
export default definePlugin({
  name: 'express',
  description: 'The HTTP server',
  config: ExpressConfig,
  needs: { health: Tokens.Health, runtime: Tokens.Runtime },
  wants: { forwarder: Tokens.Forwarder },
  provides: [Tokens.HttpServer],
  setup(context) {
    const { name, config, services, log, provide, contribute, contributions, onOpen, onChange, onClose } = context;
    const settings = settingsOf(config);
    const listener = new Listener(name, settings);
    const slots = new UploadSlots();
    const metrics = new RequestMetrics();
    let authorize: Authorize | undefined;
    provide(Tokens.HttpServer, listener);
    contribute(Points.Routes, probes(services.health));
    contribute(Points.Metrics, metrics);
    if (settings.swagger.enabled) contribute(Points.Pages, swaggerPage(settings.swagger));
    const mount = (): void => {
      if (!authorize) return;
      const groups = contributions(Points.Routes);
      // Those of other plugins first: `/` leads to one of them rather than to the document.
      const pages = contributions(Points.Pages).toSorted(
        (a, b) => Number(a.plugin === name) - Number(b.plugin === name),
      );
      const app = appOf({ groups, pages, authorize, settings, slots, metrics, log, ...services });
      listener.serve(app, upgradeDispatcher(contributions(Points.Upgrade), authorize, log));
    };
    onOpen(async () => {
      const rings = () => contributions(Points.KeyRing).map(({ value }) => value);
      authorize = authorizer(await keyDigest(settings, context.storage, log), settings, rings);
      mount();
      await listener.listen();
      log.debug(`listening on ${listener.url}`);
    });
    onChange(Points.Routes, mount);
    onChange(Points.Pages, mount);
    onChange(Points.Upgrade, mount);
    onClose(() => listener.close());
  },
});

interface MountOptions {
  readonly groups: readonly Contribution<RouteGroup>[];
  readonly pages: readonly Contribution<Page>[];
  readonly authorize: Authorize;
  readonly settings: Settings;
  readonly runtime: RuntimeInfo;
  readonly slots: UploadSlots;
  readonly metrics: RequestMetrics;
  readonly forwarder: Forwarder | undefined;
  readonly log: Log;
}

const appOf = (options: MountOptions) => {
  const { forwarder, groups, pages, authorize, settings, runtime, slots, metrics, log } = options;
  const document = () => openApiDocument({ version: runtime.version, groups, baseUrl: settings.baseUrl, log });
  return createApp({
    log,
    requestLog: settings.requestLog,
    routes: groups.flatMap(({ plugin, value }) => value.routes.map((route) => ({ plugin, route }))),
    pages: (app) => {
      if (settings.swagger.enabled) mountDocument(app, settings.swagger, authorize, document);
      mountPages(app, { pages, authorize, log });
    },
    authorize,
    maxBodyBytes: settings.maxBodyBytes,
    origins: settings.origins,
    refuse: refuser(log),
    observe: metrics.note,
    slots,
    forwarder,
  });
};
