import { type Route, type RouteGroup, reply, route, Type } from 'waha-runtime';
import { accountRoutes } from './account-control.ts';
import { callRoutes } from './call-control.ts';
import { channelRoutes } from './channel-control.ts';
import type { Control } from './control.ts';
import { examplesRoutes } from './examples-control.ts';
import { groupRoutes } from './group-control.ts';
import { historyRoutes } from './history-control.ts';
import { CappingBody, TimelockBody } from './limit-schemas.ts';
import { linkingRoutes } from './linking-control.ts';
import * as messages from './message-schemas.ts';
import { noticeRoutes } from './notice-control.ts';
import * as schemas from './schemas.ts';

const ok = (schema: Parameters<typeof Type.Array>[0], description = 'Done.') => ({ 200: { description, schema } });
const created = (schema: Parameters<typeof Type.Array>[0]) => ({ 201: { description: 'Done.', schema } });

/** The control API, under `/api/sandbox`. */
export const controlRoutes = (control: Control): RouteGroup => ({
  tag: '🧪 Sandbox',
  description: 'The phones, contacts and faults of the WhatsApp that runs on this machine.',
  routes: [
    ...phoneRoutes(control),
    ...onePhoneRoutes(control),
    ...contactRoutes(control),
    ...examplesRoutes(control.examples),
    ...callRoutes(control.calls),
    ...accountRoutes(control.accounts),
    ...groupRoutes(control.groups),
    ...channelRoutes(control.channels),
    ...historyRoutes(control.history),
    ...linkingRoutes(control.linking),
    ...noticeRoutes(control.notices),
    ...faultRoutes(control),
    ...disturbanceRoutes(control),
  ].map((one) => keptBeforeAnswer(control, { ...one, session: 'none', right: 'admin' })),
});

/** What a caller was told has happened is still so after a `kill -9`. */
const keptBeforeAnswer = (control: Control, one: Route): Route => {
  if (one.method === 'GET') return one;
  const handle: Route['handle'] = async (input) => {
    const value = await one.handle(input);
    await control.kept();
    return value;
  };
  return { ...one, handle };
};

const phoneRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox',
    summary: 'Get the address and the counters of the sandbox',
    handle: () => control.stats(),
  }),
  route({
    method: 'GET',
    path: '/api/sandbox/phones',
    summary: 'List phones and their linked devices',
    responses: ok(Type.Array(schemas.PhoneView)),
    handle: () => control.phones(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones',
    summary: 'Switch a phone on',
    body: schemas.PhoneBody,
    responses: created(schemas.PhoneView),
    handle: ({ body }) => control.addPhone(body.number, body.name),
  }),
];

const onePhoneRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/phones/{phone}',
    summary: 'Get a phone and its linked devices',
    params: schemas.PhoneParams,
    responses: ok(schemas.PhoneView),
    handle: ({ params }) => control.phone(params.phone),
  }),
  route({
    method: 'PUT',
    path: '/api/sandbox/phones/{phone}',
    summary: 'Change the push name',
    params: schemas.PhoneParams,
    body: schemas.NameBody,
    responses: ok(schemas.PhoneView),
    handle: ({ params, body }) => control.rename(params.phone, body.name),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/messages',
    summary: 'Write to somebody on the phone itself',
    description: 'A sign of life of the phone: linked devices get a copy. The receiver is not told.',
    params: schemas.PhoneParams,
    body: messages.WriteBody,
    handle: ({ params, body }) => control.write(params.phone, body),
  }),
  ...limitRoutes(control),
  ...scanRoutes(control),
];

const limitRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/timelock',
    summary: 'Restrict an account from writing to new people',
    description: 'First messages to somebody are refused with 463 while it lasts.',
    params: schemas.PhoneParams,
    body: TimelockBody,
    handle: ({ params, body }) => control.timelock(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/capping',
    summary: 'Set the quota of new chats of an account',
    description: 'First messages to somebody count; once the quota is used up they are refused with 475.',
    params: schemas.PhoneParams,
    body: CappingBody,
    handle: ({ params, body }) => control.capping(params.phone, body),
  }),
];

const scanRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/scan',
    summary: 'Scan a QR code',
    description:
      'Answers once the client has proved itself. The phone is switched on when it was not. `wait: false` answers at once: a linking by passkey takes a while.',
    params: schemas.PhoneParams,
    body: schemas.ScanBody,
    responses: created(schemas.DeviceView),
    handle: ({ params, body }) => control.scan(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/code',
    summary: 'Type a pairing code',
    params: schemas.PhoneParams,
    body: schemas.CodeBody,
    responses: created(schemas.DeviceView),
    handle: ({ params, body }) => control.enterCode(params.phone, body),
  }),
  ...deviceRoutes(control),
];

const deviceRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'DELETE',
    path: '/api/sandbox/phones/{phone}/devices',
    summary: 'Unlink all devices',
    params: schemas.PhoneParams,
    handle: ({ params }) => control.unlink(params.phone),
  }),
  route({
    method: 'DELETE',
    path: '/api/sandbox/phones/{phone}/devices/{device}',
    summary: 'Unlink a device',
    params: schemas.DeviceParams,
    handle: ({ params }) => control.unlink(params.phone, params.device),
  }),
  route({
    method: 'GET',
    path: '/api/sandbox/phones/{phone}/deliveries',
    summary: 'List what became of the messages to an account',
    params: schemas.PhoneParams,
    query: schemas.DeliveriesQuery,
    handle: ({ params, query }) => control.deliveries(params.phone, query.open),
  }),
];

const contactRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/contacts',
    summary: 'List contacts',
    responses: ok(Type.Array(schemas.ContactView)),
    handle: () => control.contacts(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/contacts',
    summary: 'Add or change a contact',
    body: schemas.ContactBody,
    responses: created(schemas.ContactView),
    handle: ({ body }) => control.setContact(body),
  }),
  ...messageRoutes(control),
];

const messageRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/contacts/{contact}/messages',
    summary: 'List what a contact has received, decrypted',
    params: schemas.ContactParams,
    query: messages.InboxQuery,
    handle: ({ params, query }) => control.inbox(params.contact, query),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/contacts/{contact}/messages',
    summary: 'Send a message as a contact',
    params: schemas.ContactParams,
    body: messages.SendBody,
    handle: ({ params, body }) => control.send(params.contact, body),
  }),
  route({
    method: 'GET',
    path: '/api/sandbox/contacts/{contact}/messages/{message}/media',
    summary: 'Get the file of a received message, decrypted',
    params: schemas.InboxParams,
    handle: ({ params }) => reply({ body: control.download(params.contact, params.message) }),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/contacts/{contact}/read',
    summary: 'Read or play a message as a contact',
    params: schemas.ContactParams,
    body: messages.ConfirmBody,
    handle: ({ params, body }) => control.confirm(params.contact, body.id, body.played),
  }),
  ...behaviourRoutes(control),
];

const behaviourRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/contacts/{contact}/presence',
    summary: 'Type, record or come online as a contact',
    params: schemas.ContactParams,
    body: messages.StateBody,
    handle: ({ params, body }) => control.show(params.contact, body),
  }),
];

const faultRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/faults',
    summary: 'List the faults that are on',
    handle: () => control.faults(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/faults',
    summary: 'Switch a fault on',
    body: schemas.FaultBody,
    handle: ({ body }) => control.setFault(body),
  }),
  route({
    method: 'DELETE',
    path: '/api/sandbox/faults',
    summary: 'Take all faults back',
    handle: () => control.clearFaults(),
  }),
  route({
    method: 'DELETE',
    path: '/api/sandbox/faults/{fault}',
    summary: 'Take a fault back',
    params: schemas.FaultParams,
    handle: ({ params }) => control.clearFaults(params.fault),
  }),
];

const disturbanceRoutes = (control: Control): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/disconnect',
    summary: 'End connections',
    body: schemas.DisconnectBody,
    handle: ({ body }) => control.disconnect(body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/load',
    summary: 'Send many messages and measure how they are confirmed',
    body: schemas.LoadBody,
    handle: ({ body }) => control.load(body),
  }),
];
