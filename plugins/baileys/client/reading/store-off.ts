import { badRequest } from 'waha-runtime';
import type { SessionLibrary } from 'waha-runtime/engine';
import type { MessageStore } from '../../store/message-store.ts';

/** What reads from the store shares. */
export const storeOf = ({ library }: MessageStore): SessionLibrary => {
  if (library) return library;
  throw badRequest(
    'the session keeps no store to read from: set config.noweb.store.enabled to true (and config.noweb.store.fullSync to true for a year of history), then link the session again to get its history',
  );
};
