import { definePlugin, Points, Tokens } from 'waha-runtime';
import { authorizer, keyDigest } from './api-key.ts';
import { createApp } from './app.ts';
import { ExpressConfig, settingsOf } from './config.ts';
import { Listener } from './listener.ts';
import { openApiDocument } from './openapi.ts';
import { probes } from './probes.ts';
import { refuser } from './refusal.ts';
import { bodyReader } from './request-reader.ts';
import { orderRoutes } from './route-order.ts';
import { mountSwagger } from './swagger.ts';
import { upgradeDispatcher } from './upgrade.ts';

/** The HTTP server: mounts the routes that plugins contribute, checks keys and schemas, answers errors. */
export default definePlugin({
  name: 'express',
  description: 'The HTTP server',
  config: ExpressConfig,
  needs: { health: Tokens.Health, runtime: Tokens.Runtime },
  provides: [Tokens.HttpServer],
  setup(context) {
    const { name, config, services, log, provide, contribute, contributions, onOpen, onClose } = context;
    const settings = settingsOf(config);
    const listener = new Listener(name, settings);
    provide(Tokens.HttpServer, listener);
    contribute(Points.Routes, probes(services.health));
    onOpen(async () => {
      const groups = contributions(Points.Routes);
      const authorize = authorizer(await keyDigest(settings, context.storage, log), settings.openPaths);
      const document = () =>
        openApiDocument({ version: services.runtime.version, groups, baseUrl: settings.baseUrl, log });
      const app = createApp({
        log,
        requestLog: settings.requestLog,
        routes: orderRoutes(groups.flatMap(({ plugin, value }) => value.routes.map((route) => ({ plugin, route })))),
        pages: (pages) => mountSwagger(pages, settings.swagger, authorize, document),
        authorize,
        readBody: bodyReader(settings.bodyLimit),
        refuse: refuser(log, settings.bodyLimit),
      });
      await listener.listen(app, upgradeDispatcher(contributions(Points.Upgrade), authorize, log));
      log.debug(`listening on ${listener.url}`);
    });
    onClose(() => listener.close());
  },
});
