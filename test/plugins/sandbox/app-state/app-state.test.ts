import { createDecipheriv } from 'node:crypto';
import {
  chatModificationToAppPatch,
  decodeSyncdSnapshot,
  encodeSyncdPatch,
  getMediaKeys,
  newLTHashState,
  proto,
} from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { AppState } from '../../../../plugins/sandbox/app-state/app-state.ts';
import { snapshotOf } from '../../../../plugins/sandbox/app-state/snapshot.ts';
import { MediaStore } from '../../../../plugins/sandbox/files/media-server.ts';

const NUMBER = '5511999990001';
const ANA = '5511888880001@s.whatsapp.net';
type HashState = ReturnType<typeof newLTHashState>;
type Modification = Parameters<typeof chatModificationToAppPatch>[0];

/** A linked device: it makes patches with the account's key, on the state that it has. */
class Device {
  state: HashState = newLTHashState();
  readonly #appState: AppState;

  constructor(appState: AppState) {
    this.#appState = appState;
  }

  async patch(modification: Modification, jid = ANA) {
    const { keyId, keyData } = this.#appState.key;
    const create = chatModificationToAppPatch(modification, jid);
    const id = Buffer.from(keyId?.keyId ?? []).toString('base64');
    const data = proto.Message.AppStateSyncKeyData.fromObject(keyData ?? {});
    const { patch, state } = await encodeSyncdPatch(create, id, this.state, async () => data);
    return { name: create.type, bytes: proto.SyncdPatch.encode(patch).finish(), state };
  }

  async change(modification: Modification, jid = ANA) {
    const { name, bytes, state } = await this.patch(modification, jid);
    const taken = await this.#appState.append(name, this.state.version, bytes);
    this.state = state;
    return taken;
  }
}

const make = (saved?: ReturnType<AppState['save']>) => {
  const appState = new AppState(NUMBER, 0);
  if (saved) appState.restore(saved);
  return { appState, device: new Device(appState) };
};
const labels = (id: string): Modification => ({ addLabel: { id, name: id, color: 1 } }) as Modification;

describe('the app state of an account', () => {
  it('is read by the phone, whoever changed it, and the latest change of a thing holds', async () => {
    const { appState, device } = make();
    expect(await device.change({ pin: true })).toMatchObject([
      { index: ['pin_v1', ANA], action: { pinAction: { pinned: true } } },
    ]);
    await device.change({ archive: true, lastMessages: [] });
    await appState.change({ contact: { fullName: 'Ana' } }, ANA);
    await device.change({ pin: false });
    const held = (await appState.entries()).map(({ index, action }) => [
      index[0],
      action?.pinAction?.pinned ?? action?.contactAction?.fullName ?? action?.archiveChatAction?.archived,
    ]);
    expect(held).toEqual([
      ['archive', true],
      ['pin_v1', false],
      ['contact', 'Ana'],
    ]);
  });

  it('goes on from what a device changed, and loses what is removed', async () => {
    const { appState, device } = make();
    await device.change(labels('1'), '');
    await appState.change(labels('2'), '');
    expect(appState.patches('regular')).toHaveLength(2);
    await appState.change({ contact: { fullName: 'Ana' } }, ANA);
    await appState.change({ contact: null }, ANA);
    expect((await appState.entries()).map(({ index }) => index)).toEqual([
      ['label_edit', '1'],
      ['label_edit', '2'],
    ]);
  });

  it('refuses a patch on an old version, and one that it cannot verify', async () => {
    const { appState, device } = make();
    await device.change({ pin: true });
    const stale = new Device(appState);
    expect(await stale.change({ pin: false })).toBe('conflict');
    const { name, bytes } = await device.patch({ archive: true, lastMessages: [] });
    const forged = Buffer.from(bytes);
    forged[forged.length - 40] = (forged[forged.length - 40] ?? 0) ^ 0xff;
    expect(await appState.append(name, 1, forged)).toBe('unreadable');
    const wrongState = new Device(appState);
    wrongState.state = { ...newLTHashState(), version: 1 };
    expect(await wrongState.change({ archive: true, lastMessages: [] })).toBe('unreadable');
    expect(await device.change({ archive: true, lastMessages: [] })).toHaveLength(1);
  });

  it('outlives the process', async () => {
    const { appState, device } = make();
    await device.change({ pin: true });
    await appState.change({ pushNameSetting: 'Maria' });
    const after = make(appState.save());
    expect(after.appState.patches('regular_low')).toHaveLength(1);
    expect((await after.appState.entries()).map(({ index }) => index[0])).toEqual(['pin_v1', 'setting_pushName']);
    after.device.state = device.state;
    expect(await after.device.change({ archive: true, lastMessages: [] })).toHaveLength(1);
  });
});

it('comes as a snapshot to who begins from nothing: one file, with what holds alone', async () => {
  const { appState, device } = make();
  const media = new MediaStore();
  for (let i = 0; i < 5; i++) await device.change({ pin: i % 2 === 0 });
  await appState.change({ archive: true, lastMessages: [] }, ANA);
  const reference = proto.ExternalBlobReference.decode(
    snapshotOf(media, appState.patches('regular_low'), NUMBER) ?? Buffer.alloc(0),
  );
  const sealed = media.get(reference.directPath ?? '');
  const { cipherKey, iv } = await getMediaKeys(reference.mediaKey, 'md-app-state');
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const plain = Buffer.concat([decipher.update(sealed?.subarray(0, -10) ?? Buffer.alloc(0)), decipher.final()]);
  const key = proto.Message.AppStateSyncKeyData.fromObject(appState.key.keyData ?? {});
  const complaints: unknown[] = [];
  const log = { warn: (...said: unknown[]) => complaints.push(said) } as never;
  const { state, mutationMap } = await decodeSyncdSnapshot(
    'regular_low',
    proto.SyncdSnapshot.decode(plain),
    async () => key,
    undefined,
    true,
    log,
  );
  expect(complaints).toEqual([]);
  expect(state.version).toBe(6);
  expect(Object.keys(mutationMap).map((index) => JSON.parse(index))).toEqual([
    ['pin_v1', ANA],
    ['archive', ANA],
  ]);
});
