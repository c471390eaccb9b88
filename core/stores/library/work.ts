import type { LibraryMessage, LibraryNews } from '../../contracts/library.ts';

/** A change of one message. */
export interface MessageChange {
  readonly target: { readonly id: string };
  readonly change: (message: LibraryMessage) => Partial<Pick<LibraryMessage, 'data' | 'listed'>> | null;
}

/** One step of a writer: what a session learned, or a change of one message. */
export type Work = { readonly news: LibraryNews } | MessageChange;
