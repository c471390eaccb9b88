import { badRequest, type MeInfo, type OwnProfile, type Profile } from 'waha-runtime';
import { connectionLost } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import { jidOf } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';
import { askServer } from '../socket/server-queries.ts';
import { changeAppState } from './app-state.ts';
import type { BaileysPictures } from './pictures.ts';
import { putPicture, squareJpeg } from './profile-picture.ts';

/** What WhatsApp's own clients let one write. */
const LONGEST_NAME = 25;
const LONGEST_ABOUT = 139;

export interface ProfileOptions {
  readonly session: string;
  readonly requests: Requests;
  readonly pictures: BaileysPictures;
  readonly people: Pick<People, 'of'>;
  me(): MeInfo | null;
}

/** The account's own name, about and picture. */
export class BaileysProfile implements Profile {
  readonly #options: ProfileOptions;

  constructor(options: ProfileOptions) {
    this.#options = options;
  }

  async get(): Promise<OwnProfile> {
    const { id, pushName } = this.#me();
    const { people, pictures } = this.#options;
    const identity = await people.of(id);
    return { id, ...(identity ? { identity } : {}), name: pushName, picture: await pictures.urlOf(id) };
  }

  async setName(name: string): Promise<void> {
    const given = name.trim();
    if (given === '') throw badRequest('name must not be empty');
    check('name', given, LONGEST_NAME);
    await changeAppState(this.#options.requests, 'the name', async (sock) => {
      await sock.chatModify({ pushNameSetting: given }, '');
      const { me } = sock.authState.creds;
      // Baileys tells itself only of names that come from elsewhere.
      if (me) sock.ev.emit('creds.update', { me: { ...me, name: given } });
    });
  }

  async setAbout(text: string): Promise<void> {
    check('status', text, LONGEST_ABOUT);
    const status = { tag: 'status', attrs: {}, content: Buffer.from(text) };
    await this.#options.requests.call('the about', (sock) => askServer(sock, { xmlns: 'status', type: 'set' }, status));
  }

  async setPicture(image: Uint8Array): Promise<void> {
    const jpeg = await squareJpeg(image);
    await this.#put(jpeg);
  }

  removePicture(): Promise<void> {
    return this.#put(null);
  }

  async #put(jpeg: Buffer | null): Promise<void> {
    const { requests, pictures } = this.#options;
    await requests.call('the picture', (sock) => putPicture(sock, jpeg));
    pictures.forget(jidOf(this.#me().id));
  }

  #me(): MeInfo {
    const me = this.#options.me();
    if (!me) throw connectionLost(this.#options.session);
    return me;
  }
}

const check = (field: string, text: string, longest: number): void => {
  if ([...text].length > longest) throw badRequest(`${field} must not be longer than ${longest} characters`);
};
