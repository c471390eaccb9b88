import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import { SERVER } from './jids.ts';
import type { KeyBundle } from './key-bundle.ts';
import { node } from './nodes.ts';

/** What a client says about itself when it is linked: what a phone shows under "linked devices". */
export interface DeviceProps {
  /** `browser[0]` of Baileys, for instance `Mac OS`. */
  readonly os: string;
  /** Name in `DeviceProps.PlatformType`, for instance `CHROME` or `DESKTOP`. */
  readonly platformType: string;
  /** Whether the client asked for the whole history. */
  readonly requireFullSync: boolean;
  /** Client version, for instance `2.3000.1043857760`. */
  readonly version: string;
}

/** The Signal keys a client registers with. */
export interface DeviceKeys {
  /** Base64 of the Noise static key: recognises the device at login. */
  readonly noiseKey: string;
  readonly identity: Buffer;
  readonly registrationId: number;
  readonly signedPreKey: KeyBundle['signedPreKey'];
}

/** A client that wants to be linked: it shows QR codes, or waits for a pairing code to be typed. */
export interface Registration {
  readonly keys: DeviceKeys;
  readonly props: DeviceProps;
  /** The references it was given, one per QR code. All stay valid while the connection is open. */
  readonly refs: readonly string[];
}

/** Reads `ClientPayload.devicePairingData` (docs/protocol.md, "QR linking"). Undefined for a login. */
export function registrationOf(
  payload: proto.IClientPayload,
  noiseKey: Buffer,
  refs: number,
): Registration | undefined {
  const data = payload.devicePairingData;
  if (!data?.eIdent || !data.eSkeyVal || !data.eSkeySig || !data.eRegid || !data.eSkeyId) return undefined;
  const keys: DeviceKeys = {
    noiseKey: noiseKey.toString('base64'),
    identity: Buffer.from(data.eIdent),
    registrationId: Buffer.from(data.eRegid).readUIntBE(0, 4),
    signedPreKey: {
      id: Buffer.from(data.eSkeyId).readUIntBE(0, 3),
      value: Buffer.from(data.eSkeyVal),
      signature: Buffer.from(data.eSkeySig),
    },
  };
  return { keys, props: propsOf(payload), refs: Array.from({ length: refs }, newRef) };
}

/** What the client says about itself. */
function propsOf(payload: proto.IClientPayload): DeviceProps {
  const props = proto.DeviceProps.decode(payload.devicePairingData?.deviceProps ?? new Uint8Array());
  const version = payload.userAgent?.appVersion;
  return {
    os: props.os ?? '',
    platformType: proto.DeviceProps.PlatformType[props.platformType ?? 0] ?? 'UNKNOWN',
    requireFullSync: props.requireFullSync ?? false,
    version: [version?.primary, version?.secondary, version?.tertiary].filter((part) => part != null).join('.'),
  };
}

/** The stanza that makes a client show QR codes, one per reference. */
export function pairDevice(registration: Registration): BinaryNode {
  const refs = registration.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
  const attrs = { from: SERVER, type: 'set', id: randomBytes(8).toString('hex'), xmlns: 'md' };
  return node('iq', attrs, [node('pair-device', {}, refs)]);
}

const newRef = (): string => `2@${randomBytes(33).toString('base64')}`;
