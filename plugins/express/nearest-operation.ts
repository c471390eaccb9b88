import { distance } from 'fastest-levenshtein';
import type { Route } from 'waha-runtime';

/** What a segment costs that one of both paths has and the other has not. */
const MISSING = 0.7;
/** What any segment costs where the operation has a parameter: nearly every path has a session's name in it. */
const SESSION = 0.25;
const PARAMETER = 0.8;
/** Who writes does not mean to read. */
const methodDistance = (asked: string, offered: string): number => {
  if (asked === offered) return 0;
  return asked === 'GET' || offered === 'GET' ? 0.4 : 0.3;
};
/** Paths with more segments than any operation are not compared: it takes the product of both lengths. */
const MOST_SEGMENTS = 16;

/** The operation that somebody may have meant with an address that no operation has; undefined when none is near. */
export const nearestOperation = (method: string, path: string, routes: readonly Route[]): Route | undefined => {
  const asked = path.split('/').filter(Boolean);
  if (asked[0] !== 'api' || asked.length > MOST_SEGMENTS || path.length > 400) return undefined;
  let nearest: Route | undefined;
  // An operation that shares no word with it helps nobody.
  let least = MISSING * asked.length - 0.05;
  for (const route of routes) {
    const far = pathDistance(asked, route.path.split('/').filter(Boolean)) + methodDistance(method, route.method);
    if (far < least) [nearest, least] = [route, far];
  }
  return nearest;
};

/** The edit distance of two paths, by segments. */
const pathDistance = (asked: readonly string[], offered: readonly string[]): number => {
  let above = offered.map((_, index) => index * MISSING).concat(offered.length * MISSING);
  for (const segment of asked) {
    const row = [(above[0] ?? 0) + MISSING];
    offered.forEach((other, index) => {
      const replaced = (above[index] ?? 0) + segmentDistance(segment, other);
      row.push(Math.min(replaced, (above[index + 1] ?? 0) + MISSING, (row[index] ?? 0) + MISSING));
    });
    above = row;
  }
  return above.at(-1) ?? 0;
};

/** What people and language models call operations, where no spelling leads to WAHA's name. */
const otherNames: Readonly<Record<string, string>> = {
  sendmessage: 'sendtext',
  sendmsg: 'sendtext',
  sendphoto: 'sendimage',
  sendpicture: 'sendimage',
  senddocument: 'sendfile',
  sendmedia: 'sendfile',
  sendaudio: 'sendvoice',
  sendcontact: 'sendcontactvcard',
  sendreaction: 'reaction',
  typing: 'starttyping',
};

const wordOf = (segment: string): string => {
  const word = segment.toLowerCase().replace(/[-_]/g, '');
  return Object.hasOwn(otherNames, word) ? (otherNames[word] ?? word) : word;
};

const segmentDistance = (segment: string, other: string): number => {
  if (segment === other) return 0;
  if (other.includes('{')) return other === '{session}' ? SESSION : PARAMETER;
  if (wordOf(segment) === wordOf(other)) return 0.05;
  const letters = distance(segment.toLowerCase(), other.toLowerCase()) / Math.max(segment.length, other.length);
  // Words that share less are not the same word in another spelling.
  return letters > 0.5 ? 2 * MISSING : 0.1 + letters;
};
