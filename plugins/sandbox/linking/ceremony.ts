import { randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { SERVER } from '../wire/jids.ts';
import { type KeyPair, newKeyPair } from '../wire/keys.ts';
import { bytesOf, childOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client, Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { type Assertion, Passkey, RELYING_PARTY, type RequestOptions } from './passkey.ts';
import type { CeremonyStep, PasskeyPolicy } from './policy.ts';
import {
  confirmationCode,
  handoffKey,
  handoffProof,
  keepsCommitment,
  openPairingRequest,
  type Prologue,
  readPrologue,
} from './shortcake.ts';

/** How long the challenge and the knowledge of the scanned secret are good for. */
const CHALLENGE_MS = 600_000;
const HANDOFF_MS = 300_000;

/** How far a ceremony is: what is waited for, or how it ended. */
export type CeremonyState = 'assertion' | 'nonce' | 'pairing' | 'confirmation' | 'signature' | 'linked' | 'failed';

/** What a ceremony is made with. */
export interface CeremonyOptions {
  readonly world: World;
  readonly person: Person;
  readonly connection: Client;
  readonly policy: PasskeyPolicy;
  /** The secret that was scanned, or that followed from the typed code. */
  readonly secret: Uint8Array;
  /** Goes on with the secret that the client has made since. */
  link(secret: Uint8Array): Promise<Device>;
  /** The policy's refusal was given: the next ceremony goes on. */
  refused(): void;
  readonly settle: { resolve(device: Device): void; reject(error: Error): void };
}

/**
 * The phone's and the server's half of a linking by passkey (docs/protocol.md, "Passkeys"). The client's requests have an
 * order; one out of turn is refused with 400, as is one whose content is wrong.
 */
export class Ceremony {
  readonly options: RequestOptions;
  /** The code that the phone shows; the client must show the same one. */
  code: string | undefined;
  /** Whether the client has proved that it knows the scanned secret. */
  proved = false;
  /** Why the last request was refused. */
  problem: string | undefined;
  state: CeremonyState = 'assertion';
  readonly #with: CeremonyOptions;
  readonly #startedAt: number;
  readonly #ref = `2@${randomBytes(24).toString('base64')}`;
  readonly #primary: KeyPair = newKeyPair();
  readonly #nonce = randomBytes(32);
  #prologue: Prologue | undefined;
  #secret: Uint8Array | undefined;
  #continued = false;
  #confirmed = false;

  constructor(options: CeremonyOptions) {
    this.#with = options;
    this.#startedAt = options.world.clock.now();
    this.options = {
      challenge: randomBytes(32).toString('base64url'),
      timeout: CHALLENGE_MS,
      rpId: RELYING_PARTY,
      allowCredentials: [],
      userVerification: 'required',
      extensions: { uvm: true },
    };
  }

  get isOver(): boolean {
    return this.state === 'linked' || this.state === 'failed';
  }

  get number(): string {
    return this.#with.person.number;
  }

  /** Asks the client for an assertion. */
  begin(): BinaryNode {
    const inside = this.#with.policy.options !== 'asked';
    return this.#notification('passkey_prologue_request', inside ? [this.#optionsNode()] : []);
  }

  /** Answers a request of the client; undefined when it is none of this ceremony. */
  answer(query: BinaryNode): BinaryNode | undefined {
    const found = steps.find(({ tag }) => childOf(query, tag));
    if (!found) return undefined;
    const refused = this.#refusedBy(found.step);
    if (refused !== undefined) {
      this.problem = `told to refuse the request '${found.step}' with ${refused}`;
      return refusal(query, refused, 'refused');
    }
    try {
      if (this.#with.world.clock.now() - this.#startedAt > CHALLENGE_MS) throw new Error('the challenge has expired');
      return result(query, found.take(this, childOf(query, found.tag)));
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return refusal(query, 400, 'bad-request');
    }
  }

  /** What follows an answer: the continuation, or the end of the linking. */
  proceed(): void {
    const { policy, connection } = this.#with;
    if (this.state === 'nonce' && !this.#continued && policy.withhold !== 'continuation') {
      this.#continued = true;
      connection.send(this.#continuation());
    }
    this.#finish();
  }

  /** The owner has compared the codes. False, and the ceremony is over, when they differ. */
  confirm(code: string): boolean {
    const plain = (text: string): string => text.replaceAll('-', '').toUpperCase();
    if (this.code === undefined || plain(code) !== plain(this.code)) return false;
    this.#confirmed = true;
    this.#finish();
    return true;
  }

  fail(error: Error): void {
    if (this.isOver) return;
    this.state = 'failed';
    this.problem = error.message;
    this.#with.settle.reject(error);
  }

  askForOptions(): BinaryNode[] {
    return [this.#optionsNode()];
  }

  askForRef(): BinaryNode[] {
    return [node('ref', {}, Buffer.from(this.#ref))];
  }

  takePrologue(request: BinaryNode | undefined): BinaryNode[] {
    this.#expect('assertion');
    const { world, person, connection, secret } = this.#with;
    const payload = bytesOf(childOf(request, 'prologue_payload'));
    const credentialId = bytesOf(childOf(request, 'credential_id'));
    const assertion = bytesOf(childOf(request, 'webauthn_assertion'));
    if (!payload || !credentialId || !assertion) throw new Error('the prologue is incomplete');
    new Passkey(person.number).check(
      credentialId,
      JSON.parse(assertion.toString()) as Assertion,
      this.options.challenge,
    );
    const prologue = readPrologue(payload);
    const name = connection.registration?.props.platformType ?? '';
    const registered = proto.DeviceProps.PlatformType[name as keyof typeof proto.DeviceProps.PlatformType];
    if (prologue.deviceType !== registered) throw new Error('the type of the device is not the registered one');
    if (prologue.ref !== this.#ref) throw new Error('the reference is not the one that was given out');
    const proof = bytesOf(childOf(request, 'pairing_handoff_proof'));
    const fresh = world.clock.now() - this.#startedAt <= HANDOFF_MS;
    if (proof && !(fresh && handoffProof(handoffKey(secret), payload).equals(proof)))
      throw new Error('the proof is wrong');
    this.proved = proof !== undefined;
    this.#prologue = prologue;
    this.state = 'nonce';
    return [];
  }

  takeNonce(request: BinaryNode | undefined): BinaryNode[] {
    this.#expect('nonce');
    const nonce = bytesOf(request);
    if (!this.#prologue || nonce?.length !== 32) throw new Error('the nonce of the companion is not 32 bytes');
    if (!keepsCommitment(this.#prologue, nonce)) throw new Error('the nonce is not the one that was committed to');
    this.code = confirmationCode(this.#nonce, nonce, this.#primary.public);
    this.state = 'pairing';
    return [];
  }

  takePairingRequest(request: BinaryNode | undefined): BinaryNode[] {
    this.#expect('pairing');
    const keys = this.#with.connection.registration?.keys;
    if (!this.#prologue || !keys) throw new Error('there is no prologue');
    const opened = openPairingRequest(bytesOf(request) ?? Buffer.alloc(0), this.#prologue, this.#primary);
    const isSame = (bytes: Uint8Array | null | undefined, other: Uint8Array): boolean =>
      bytes != null && Buffer.from(bytes).equals(other);
    if (!isSame(opened.companionPublicKey, Buffer.from(keys.noiseKey, 'base64')))
      throw new Error('a foreign Noise key');
    if (!isSame(opened.companionIdentityKey, keys.identity)) throw new Error('a foreign identity key');
    if (opened.advSecret?.length !== 32) throw new Error('the new secret is not 32 bytes');
    this.#secret = opened.advSecret;
    this.state = 'confirmation';
    return [];
  }

  /** Pair-success follows the client's keys, and the owner's word when the phone has to ask. */
  #finish(): void {
    const { policy, world } = this.#with;
    const agreed = this.#confirmed || (this.proved && policy.alwaysAsks !== true);
    if (this.state !== 'confirmation' || !this.#secret || !agreed || policy.withhold === 'pair-success') return;
    this.#goesOn('signature', world);
    this.#with.link(this.#secret).then(
      (device) => {
        this.#goesOn('linked', world);
        this.#with.settle.resolve(device);
      },
      (error: Error) => this.fail(error),
    );
  }

  #goesOn(state: CeremonyState, { events }: World): void {
    this.state = state;
    events.emit('passkey', { phone: this.number, state });
  }

  #continuation(): BinaryNode {
    const cut = this.#with.policy.malformed ? 31 : 32;
    const identity = { publicKey: this.#primary.public.subarray(0, cut), nonce: this.#nonce };
    const bytes = proto.PrimaryEphemeralIdentity.encode(identity).finish();
    return this.#notification('crsc_continuation', [node('primary_ephemeral_identity', {}, bytes)]);
  }

  #optionsNode(): BinaryNode {
    return node('passkey_request_options', {}, Buffer.from(JSON.stringify(this.options)));
  }

  #notification(type: string, content: BinaryNode[]): BinaryNode {
    const { world } = this.#with;
    return node('notification', { from: SERVER, type, id: world.newId(), t: world.seconds() }, content);
  }

  #expect(state: CeremonyState): void {
    if (this.state !== state) throw new Error(`the client is out of turn: ${this.state} is waited for`);
  }

  #refusedBy(step: CeremonyStep): number | undefined {
    const { policy, refused } = this.#with;
    if (policy.refuse?.step !== step) return undefined;
    refused();
    return policy.refuse.code;
  }
}

interface Step {
  readonly step: CeremonyStep;
  /** The child of the request. */
  readonly tag: string;
  take(ceremony: Ceremony, request: BinaryNode | undefined): BinaryNode[];
}

const steps: readonly Step[] = [
  { step: 'options', tag: 'passkey_request_options', take: (ceremony) => ceremony.askForOptions() },
  { step: 'ref', tag: 'ref', take: (ceremony) => ceremony.askForRef() },
  { step: 'prologue', tag: 'passkey_prologue', take: (ceremony, request) => ceremony.takePrologue(request) },
  { step: 'nonce', tag: 'companion_nonce', take: (ceremony, request) => ceremony.takeNonce(request) },
  {
    step: 'pairing',
    tag: 'encrypted_pairing_request',
    take: (ceremony, request) => ceremony.takePairingRequest(request),
  },
];
