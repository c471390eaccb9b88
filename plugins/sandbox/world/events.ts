import type { AppStateEntry } from '../app-state/app-state.ts';
import type { DeviceProps } from '../wire/registration.ts';
import type { Delivery } from './mailbox.ts';

/** What the sandbox tells its listeners. Numbers are phone numbers in digits. */
export interface SandboxEvents {
  /** A client finished the Noise handshake. */
  handshake: { noiseKey: string };
  /** A client without an account was given QR references. */
  registration: { noiseKey: string; props: DeviceProps };
  /** A client asked for a pairing code to be typed. */
  'pairing-code': { phone: string; display: string };
  /** A client was told that the secret of its QR code is retired. */
  'qr-refresh': { noiseKey: string; child: string };
  /** A linking by passkey got this far; see `CeremonyState`. */
  passkey: { phone: string; state: string };
  /** A device was linked and told to reconnect. */
  link: { phone: string; device: number; props: DeviceProps };
  /** A linked device logged in. */
  login: { phone: string; device: number; count: number };
  /** A linked device has received everything that waited, and is live. */
  online: { phone: string; device: number };
  /** A login was refused. */
  refused: { phone: string; device: number; reason: number };
  /** A linked device was removed, by the phone or by itself. */
  unlink: { phone: string; device: number; by: 'phone' | 'client' };
  /** A second connection of a device took over. */
  replaced: { phone: string; device: number };
  /** A connection ended, for whatever reason. */
  closed: { phone?: string; device?: number; noiseKey?: string };
  /** Bytes came that are not WhatsApp's protocol. */
  broken: { phone?: string; error: Error };
  /** The state could not be written. It is tried again with the next change. */
  'not-kept': { error: unknown };
  /** A device uploaded one-time keys. */
  prekeys: { phone: string; device: number; uploaded: number; stock: number };
  /** A message left for a device: `delivery.handedOver` says for the how-manieth time. */
  'handed-over': Delivery;
  /** A device confirmed a message, or refused it. */
  settled: Delivery;
  /** A device could not decrypt a message and asks for it again. */
  retry: { delivery: Delivery; count: number };
  /** The product sent a message. Not decrypted yet. */
  outbound: { id: string; from: string; device: number; to: string; statusSetting?: string };
  /** A contact could not decrypt, for the reason `why`, and asked for the message again. */
  'retry-asked': { id: string; from: string; to: string; why: string };
  /** The product sent a receipt. `type` is empty for a plain delivery receipt. */
  receipt: { ids: string[]; from: string; to: string; type: string };
  /** The product went available or unavailable. */
  presence: { phone: string; device: number; state: 'available' | 'unavailable'; name?: string };
  /** The product is typing, or stopped. */
  chatstate: { phone: string; to: string; state: 'composing' | 'paused' | 'recording' };
  /** An account has blocked somebody, or no longer does. */
  block: { phone: string; number: string; blocked: boolean };
  /** Somebody calls, hangs up or rejects. */
  call: { id: string; from: string; to: string; what: string };
  /** A device was told what it had not seen of a part of the app state; its first sync asks for all of them. */
  'app-state-read': { phone: string; device: number; collection: string };
  /** A device changed the app state: archived, starred, named … `entries` is what the phone decrypted. */
  'app-state': { phone: string; collection: string; version: number; entries: readonly AppStateEntry[] };
}
