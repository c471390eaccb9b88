import type { LibraryNews } from '../../contracts/library.ts';

/** How much of one list goes into a commit. */
const PIECE = 200;

type Lists = Omit<LibraryNews, 'live'>;

const lists: readonly (keyof Lists)[] = [
  'lids',
  'contacts',
  'chats',
  'messages',
  'acks',
  'removedChats',
  'labels',
  'removedLabels',
  'labelled',
  'unlabelled',
];

/** How many facts there are. */
export const sizeOf = (news: LibraryNews): number => lists.reduce((sum, name) => sum + (news[name]?.length ?? 0), 0);

/** News that fit into a commit each; what says who is who comes first. */
export const piecesOf = (news: LibraryNews): LibraryNews[] => {
  if (sizeOf(news) <= PIECE) return [news];
  const { live = false } = news;
  return lists.flatMap((name) => slices<unknown>(news[name] ?? []).map((part) => ({ [name]: part, live })));
};

const slices = <T>(list: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / PIECE) }, (_, at) => list.slice(at * PIECE, (at + 1) * PIECE));
