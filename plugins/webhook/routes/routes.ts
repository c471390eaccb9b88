import { type Route, type RouteGroup, route, Type } from 'waha-runtime';
import type { Control } from './control.ts';
import {
  DeliveryDetails,
  DeliveryInfo,
  DeliveryPage,
  DeliveryParams,
  EndpointInfo,
  EndpointParams,
  ListQuery,
  ReplayAnswer,
  ReplayRequest,
  TestAnswer,
} from './schemas.ts';

/** The tag Webhooks. With several instances of the plugin, the first one has the routes: `isFirst` says which it is. */
export const webhookGroup = (control: Control, isFirst: () => boolean): RouteGroup => ({
  tag: 'Webhooks',
  description: 'Endpoints of webhooks, the state of each delivery, and replays',
  get routes() {
    return isFirst() ? [...endpointRoutes(control), ...deliveryRoutes(control), ...replayRoutes(control)] : [];
  },
});

const unknownEndpoint = { 404: { description: 'There is no such endpoint' } };
const unknownDelivery = { 404: { description: 'There is no such delivery' } };

const endpointRoutes = (control: Control): Route[] => [
  route({
    method: 'GET',
    path: '/api/webhooks/endpoints',
    session: 'any',
    summary: 'List the endpoints of webhooks with their state',
    query: Type.Object({
      session: Type.Optional(Type.String({ description: 'Only endpoints that serve this session', maxLength: 54 })),
    }),
    responses: {
      200: {
        description: 'The YAML’s first, without secrets',
        schema: Type.Array(EndpointInfo),
      },
    },
    handle: ({ query, principal }) => control.endpoints(principal, query.session),
  }),
  route({
    method: 'GET',
    path: '/api/webhooks/endpoints/{endpoint}',
    session: 'any',
    summary: 'Get an endpoint',
    params: EndpointParams,
    responses: { 200: { description: 'The endpoint', schema: EndpointInfo }, ...unknownEndpoint },
    handle: ({ params, principal }) => control.endpoint(params.endpoint, principal),
  }),
  decision(control, 'pause', 'Pause an endpoint', 'Its deliveries wait, within its limits, over restarts, too.'),
  decision(control, 'resume', 'Resume an endpoint that is paused', 'Its waiting deliveries are sent.'),
  decision(
    control,
    'enable',
    'Enable an endpoint that is disabled',
    'Deliveries that were dropped meanwhile can be replayed.',
  ),
  testRequest(control),
];

const testRequest = (control: Control): Route =>
  route({
    method: 'POST',
    path: '/api/webhooks/endpoints/{endpoint}/test',
    session: 'any',
    right: 'setting',
    summary: 'Send a test event to an endpoint',
    description: 'Sends one signed `webhook.test` event at once, without retries. It is not counted as a delivery.',
    params: EndpointParams,
    responses: { 201: { description: 'The answer of the receiver', schema: TestAnswer }, ...unknownEndpoint },
    handle: ({ params, principal }) => control.test(params.endpoint, principal),
  });

const decision = (control: Control, what: 'pause' | 'resume' | 'enable', summary: string, description: string): Route =>
  route({
    method: 'POST',
    path: `/api/webhooks/endpoints/{endpoint}/${what}`,
    session: 'any',
    right: 'setting',
    summary,
    description,
    params: EndpointParams,
    responses: { 201: { description: 'The endpoint', schema: EndpointInfo }, ...unknownEndpoint },
    handle: ({ params, principal }) => control.decide(params.endpoint, principal, what),
  });

const deliveryRoutes = (control: Control): Route[] => [
  route({
    method: 'GET',
    path: '/api/webhooks/deliveries',
    session: 'any',
    summary: 'List deliveries, the newest first',
    description: 'For dead letters use `status=dead`.',
    query: ListQuery,
    responses: { 200: { description: 'A page', schema: DeliveryPage } },
    handle: ({ query, principal }) => control.list(query, principal),
  }),
  route({
    method: 'GET',
    path: '/api/webhooks/deliveries/{delivery}',
    session: 'any',
    summary: 'Get a delivery with its attempts and its body',
    params: DeliveryParams,
    responses: { 200: { description: 'The delivery', schema: DeliveryDetails }, ...unknownDelivery },
    handle: ({ params, principal }) => control.delivery(params.delivery, principal),
  }),
];

const replayRoutes = (control: Control): Route[] => [
  route({
    method: 'POST',
    path: '/api/webhooks/deliveries/{delivery}/replay',
    session: 'any',
    right: 'setting',
    summary: 'Send a delivery again',
    description:
      'Sends the delivery again with the same id, whatever its state is. Its retries start from the beginning.',
    params: DeliveryParams,
    responses: {
      201: { description: 'It waits again', schema: DeliveryInfo },
      ...unknownDelivery,
      422: {
        description:
          'The delivery is pending, its endpoint does not exist any more, or its event is not stored any more',
      },
      429: { description: 'More than 1,000 replays in a minute' },
    },
    handle: ({ params, principal }) => control.replay(params.delivery, principal),
  }),
  route({
    method: 'POST',
    path: '/api/webhooks/deliveries/replay',
    session: 'any',
    right: 'setting',
    summary: 'Send many deliveries again',
    description:
      'Replays the deliveries of a time range, a status, a session, an endpoint or an event, the oldest first.',
    body: ReplayRequest,
    responses: {
      201: { description: 'How many', schema: ReplayAnswer },
      429: { description: 'More than 1,000 replays in a minute' },
    },
    handle: ({ body, principal }) => control.replayMany(body, principal),
  }),
];
