import { badRequest, notFound, type RouteGroup, reply, route, Type } from 'waha-runtime';
import type { Modification } from '../app-state/app-state.ts';
import type { Phone } from '../people/phone.ts';
import type { Sandbox } from '../sandbox.ts';
import { digitsOf, pnJid } from '../wire/jids.ts';
import * as schemas from './account-schemas.ts';
import { PhoneParams } from './schemas.ts';

/** What owners of accounts and contacts do to their profiles, chats and address books, from outside the process. */
export class AccountControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  profile(number: string): schemas.ProfileView {
    const { name, profile } = this.#sandbox.contact(number);
    const { about, picture, hidden, blocked } = profile;
    const shown = picture ? { id: picture.id, bytes: picture.full.length } : null;
    return { number: digitsOf(number), name, about, picture: shown, hidden, blocked: [...blocked] };
  }

  picture(number: string): Buffer {
    const { picture } = this.#sandbox.contact(number).profile;
    if (!picture) throw notFound(`'${number}' has no picture`);
    return picture.full;
  }

  async change(number: string, body: schemas.ProfileBody): Promise<schemas.ProfileView> {
    const contact = this.#sandbox.contact(number, body.name === undefined ? {} : { name: body.name });
    const { about, picture, hidden } = body;
    if (body.statusAudience) contact.profile.showStatusesTo(body.statusAudience);
    if (hidden !== undefined) contact.profile.hide(hidden);
    if (about !== undefined) contact.profile.describe(about, Math.floor(Date.now() / 1000));
    if (picture !== undefined) await contact.setPicture(picture ? { full: Buffer.from(picture, 'base64') } : undefined);
    return this.profile(number);
  }

  async state(number: string): Promise<schemas.EntryView[]> {
    const entries = await this.#phone(number).account.entries();
    return entries.map(({ index, ...entry }) => ({ ...entry, index: [...index] }));
  }

  async changeState(number: string, body: schemas.ChangeBody): Promise<void> {
    const { account } = this.#phone(number);
    const jid = body.chat === undefined ? '' : jidOf(body.chat);
    if (jid === '' && body.label === undefined) throw badRequest('chat is required');
    await account.change(modificationOf(body), jid);
  }

  block(number: string, { number: other, blocked }: schemas.BlockBody): void {
    this.#phone(number).account.block(other, blocked);
  }

  #phone(number: string): Phone {
    const digits = digitsOf(number);
    const phone = this.#sandbox.phones().find((one) => one.number === digits);
    if (!phone) throw notFound(`there is no phone '${number}'`);
    return phone;
  }
}

const jidOf = (chat: string): string => {
  const [user = '', server] = chat.split('@');
  if (server === undefined || server === 'c.us') return pnJid(digitsOf(user));
  return chat;
};

const modificationOf = (body: schemas.ChangeBody): Modification => {
  const { archive, pin, mute, read, star, contact, label, labelled } = body;
  if (archive !== undefined) return { archive, lastMessages: [] };
  if (pin !== undefined) return { pin };
  if (mute !== undefined) return { mute };
  if (read !== undefined) return { markRead: read, lastMessages: [] };
  if (star) return { star: { messages: [{ id: star.id, fromMe: star.fromMe }], star: star.star } };
  if (contact !== undefined) return { contact };
  if (label) return { addLabel: label };
  if (labelled)
    return labelled.labelled
      ? { addChatLabel: { labelId: labelled.id } }
      : { removeChatLabel: { labelId: labelled.id } };
  throw badRequest('one of archive, pin, mute, read, star, contact, label and labelled is required');
};

/** Profiles and app state under `/api/sandbox`. */
export const accountRoutes = (accounts: AccountControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/profiles/{number}',
    summary: 'Get what a phone or a contact shows of itself',
    params: schemas.NumberParams,
    responses: { 200: { description: 'The profile.', schema: schemas.ProfileView } },
    handle: ({ params }) => accounts.profile(params.number),
  }),
  route({
    method: 'PUT',
    path: '/api/sandbox/profiles/{number}',
    summary: 'Change name, about or picture of a phone or a contact',
    params: schemas.NumberParams,
    body: schemas.ProfileBody,
    responses: { 200: { description: 'The profile.', schema: schemas.ProfileView } },
    handle: ({ params, body }) => accounts.change(params.number, body),
  }),
  route({
    method: 'GET',
    path: '/api/sandbox/profiles/{number}/picture',
    summary: 'Get the picture of a phone or a contact',
    params: schemas.NumberParams,
    handle: ({ params }) => reply({ body: accounts.picture(params.number), headers: { 'content-type': 'image/jpeg' } }),
  }),
  ...stateRoutes(accounts),
];

const stateRoutes = (accounts: AccountControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/phones/{phone}/app-state',
    summary: 'List what holds for chats, messages, contacts and labels',
    description: 'What the phone and its linked devices have changed, decrypted.',
    params: PhoneParams,
    responses: { 200: { description: 'The entries.', schema: Type.Array(schemas.EntryView) } },
    handle: ({ params }) => accounts.state(params.phone),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/app-state',
    summary: 'Archive, pin, mute, star, name or label on the phone',
    params: PhoneParams,
    body: schemas.ChangeBody,
    handle: ({ params, body }) => accounts.changeState(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/blocked',
    summary: 'Block somebody on the phone, or no longer',
    params: PhoneParams,
    body: schemas.BlockBody,
    handle: ({ params, body }) => accounts.block(params.phone, body),
  }),
];
