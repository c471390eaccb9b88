import { eventNames, eventSchema, type RouteGroup } from 'waha-runtime';

/** The tag Events: what webhooks, the WebSocket and every other sink carry. Routes come with what creates events. */
export const eventGroup = (): RouteGroup => ({
  tag: 'Events',
  description: 'What happens, as webhooks and the WebSocket tell it',
  routes: [],
  webhooks: Object.fromEntries(eventNames.map((event) => [event, eventSchema(event)])),
});
