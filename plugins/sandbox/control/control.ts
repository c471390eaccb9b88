import {
  badRequest,
  notFound,
  type Reply,
  RuntimeError,
  reply,
  sentence,
  systemClock,
  unprocessable,
  withDeadline,
} from 'waha-runtime';
import { readQr } from '../linking/qr-code.ts';
import type { InboxMessage } from '../messages/inbox.ts';
import type { Contact } from '../people/contact.ts';
import type { LinkedDevice, Phone } from '../people/phone.ts';
import type { Sandbox, SandboxStats } from '../sandbox.ts';
import type { ActiveFault, Fault } from '../wire/faults.ts';
import { digitsOf } from '../wire/jids.ts';
import type { Delivery } from '../world/mailbox.ts';
import { AccountControl } from './account-control.ts';
import { CallControl } from './call-control.ts';
import { ChannelControl } from './channel-control.ts';
import { ExamplesControl } from './examples-control.ts';
import { GroupControl } from './group-control.ts';
import { HistoryControl } from './history-control.ts';
import type { CappingBody, TimelockBody } from './limit-schemas.ts';
import { LinkingControl } from './linking-control.ts';
import { type LoadResult, runLoad } from './load.ts';
import type { InboxQuery, SendBody, StateBody, WriteBody } from './message-schemas.ts';
import { NoticeControl } from './notice-control.ts';
import type {
  CodeBody,
  ContactBody,
  ContactView,
  DisconnectBody,
  FaultBody,
  LoadBody,
  PhoneView,
  ScanBody,
} from './schemas.ts';
import { send } from './send.ts';

/** A fault as the control API shows it. */
export interface FaultView {
  readonly id: string;
  readonly fault: Fault;
  /** How often it may still strike; null when it lasts. */
  readonly left: number | null;
}

/**
 * Everything that can be done to a sandbox from outside the process, as plain functions. They throw `RuntimeError`s:
 * 404 for somebody unknown, 422 for what the phone refuses.
 */
export class Control {
  readonly examples: ExamplesControl;
  readonly groups: GroupControl;
  readonly accounts: AccountControl;
  readonly calls: CallControl;
  readonly channels: ChannelControl;
  readonly history: HistoryControl;
  readonly linking: LinkingControl;
  readonly notices: NoticeControl;
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.examples = new ExamplesControl(sandbox, (number) => this.#phone(number));
    this.groups = new GroupControl(sandbox);
    this.channels = new ChannelControl(sandbox);
    this.accounts = new AccountControl(sandbox);
    this.calls = new CallControl(sandbox);
    this.history = new HistoryControl(sandbox);
    this.linking = new LinkingControl(sandbox);
    this.notices = new NoticeControl(sandbox);
  }

  stats(): SandboxStats & { url: string; rootKey: string; pairing: string[] } {
    const { url, rootKey } = this.#sandbox.endpoint;
    return { url, rootKey, pairing: this.#sandbox.pairing(), ...this.#sandbox.stats() };
  }

  /** Resolves when everything that has happened is kept, in a sandbox that outlives its process. */
  kept(): Promise<void> {
    return this.#sandbox.kept();
  }

  phones(): PhoneView[] {
    return this.#sandbox.phones().map(showPhone);
  }

  addPhone(number: string, name?: string): PhoneView {
    return showPhone(this.#sandbox.phone(number, name === undefined ? {} : { name }));
  }

  phone(number: string): PhoneView {
    return showPhone(this.#phone(number));
  }

  scan(number: string, { qr, wait }: ScanBody): Promise<LinkedDevice | Reply> {
    return linked(this.#sandbox.phone(number).scan(qr), wait);
  }

  enterCode(number: string, { code, wait }: CodeBody): Promise<LinkedDevice | Reply> {
    return linked(this.#sandbox.phone(number).enterCode(code), wait);
  }

  async rename(number: string, name: string): Promise<PhoneView> {
    await this.#phone(number).rename(name);
    return this.phone(number);
  }

  /** The owner writes on the phone itself. */
  async write(number: string, { to, text }: WriteBody): Promise<{ id: string }> {
    const { id } = await this.#phone(number).write(to, text);
    return { id };
  }

  timelock(number: string, lock: TimelockBody): void {
    this.#phone(number).standing.lock(lock);
  }

  capping(number: string, quota: CappingBody): void {
    this.#phone(number).standing.cap(quota);
  }

  unlink(number: string, device?: number): void {
    if (!this.#phone(number).unlink(device)) throw notFound(`phone '${number}' has no such linked device`);
  }

  deliveries(number: string, open = false): Delivery[] {
    return this.#sandbox.deliveries(number).filter((one) => !open || one.settledAt === undefined);
  }

  contacts(): ContactView[] {
    return this.#sandbox.contacts().map(showContact);
  }

  setContact(body: ContactBody): ContactView {
    const contact = this.#sandbox.contact(body.number, body.name === undefined ? {} : { name: body.name });
    const { confirms = contact.confirms, reads = contact.reads, wantsToken = contact.wantsToken, addressing } = body;
    contact.change({ confirms, reads, wantsToken, ...(addressing === undefined ? {} : { addressing }) });
    if (body.username !== undefined) contact.username = body.username;
    if (body.absent !== undefined) this.#sandbox.absent(body.number, body.absent);
    return showContact(contact);
  }

  async send(number: string, body: SendBody): Promise<{ id: string; deliveries: readonly Delivery[] }> {
    const sent = await send(this.#sandbox.contact(number), body);
    if (body.waitMs !== undefined) {
      const late = () => new Error(`the message was not confirmed within ${body.waitMs} ms`);
      await refusing(withDeadline(sent.delivered, body.waitMs, systemClock, late));
    }
    return { id: sent.id, deliveries: sent.deliveries };
  }

  /** What came after a message, or all of it. Waits for the first one when asked to; an empty list when none came. */
  async inbox(number: string, { after, waitMs = 0 }: InboxQuery): Promise<readonly InboxMessage[]> {
    const contact = this.#sandbox.contact(number);
    const start = after === undefined ? 0 : contact.inbox.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && start === 0) throw notFound(`contact '${number}' has no message '${after}'`);
    const known = new Set(contact.inbox.slice(0, start));
    if (waitMs > 0) await contact.waitForMessage((message) => !known.has(message), waitMs).catch(() => undefined);
    return contact.inbox.slice(start);
  }

  /** The file of a received message. */
  download(number: string, id: string): Buffer {
    const contact = this.#sandbox.contact(number);
    const message = contact.inbox.find((one) => one.id === id);
    if (!message) throw notFound(`contact '${number}' has no message '${id}'`);
    try {
      return contact.download(message);
    } catch (error) {
      throw notFound(sentence(error));
    }
  }

  confirm(number: string, id: string, played = false): void {
    const contact = this.#sandbox.contact(number);
    if (!contact.inbox.some((message) => message.id === id)) {
      throw notFound(`contact '${number}' has no message '${id}'`);
    }
    if (played) contact.played(id);
    else contact.read(id);
  }

  show(number: string, { to, state }: StateBody): void {
    const contact = this.#sandbox.contact(number);
    if (state === 'available' || state === 'unavailable') contact.presence(to, state);
    else contact.typing(to, state);
  }

  faults(): FaultView[] {
    return this.#sandbox.faults.list().map(showFault);
  }

  setFault(body: FaultBody): FaultView {
    const { qr, ...fault } = body;
    const phone = fault.phone === undefined ? {} : { phone: digitsOf(fault.phone) };
    return showFault(this.#sandbox.faults.set({ ...fault, ...phone, ...clientIn(qr) }));
  }

  clearFaults(id?: string): void {
    if (!this.#sandbox.faults.clear(id)) throw notFound(`there is no fault '${id}'`);
  }

  disconnect({ how, qr, ...target }: DisconnectBody): { disconnected: number } {
    return { disconnected: this.#sandbox.disconnect(how, { ...target, ...clientIn(qr) }) };
  }

  load(body: LoadBody): Promise<LoadResult> {
    return runLoad(this.#sandbox, body);
  }

  #phone(number: string): Phone {
    const digits = digitsOf(number);
    const phone = this.#sandbox.phones().find((one) => one.number === digits);
    if (!phone) throw notFound(`there is no phone '${number}'`);
    return phone;
  }
}

const showPhone = (phone: Phone): PhoneView => ({
  number: phone.number,
  name: phone.name,
  jid: phone.jid,
  lid: phone.lid,
  devices: phone.devices(),
});

const showContact = (contact: Contact): ContactView => ({
  number: contact.number,
  name: contact.name,
  jid: contact.jid,
  lid: contact.lid,
  confirms: contact.confirms,
  reads: contact.reads,
  addressing: contact.addressing,
  username: contact.username,
  messages: contact.inbox.length,
});

const showFault = ({ id, fault, left }: ActiveFault): FaultView => ({
  id,
  fault,
  left: Number.isFinite(left) ? left : null,
});

/** The client that shows a QR code. */
function clientIn(qr: string | undefined): { noiseKey?: string } {
  if (qr === undefined) return {};
  try {
    return { noiseKey: readQr(qr).noiseKey };
  } catch (error) {
    throw badRequest(sentence(error));
  }
}

/** The device; or the word that the linking has begun, when nobody waits for it. What goes wrong at once is told in any case. */
async function linked(linking: Promise<LinkedDevice>, wait: boolean): Promise<LinkedDevice | Reply> {
  if (wait) return refusing(linking);
  const soon = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const device = await refusing(Promise.race([linking, soon]));
  linking.catch(() => undefined);
  return device ?? reply({ status: 202, json: { linking: true } });
}

/** What a phone says no to is the caller's to correct. */
async function refusing<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof RuntimeError ? error : unprocessable(sentence(error));
  }
}
