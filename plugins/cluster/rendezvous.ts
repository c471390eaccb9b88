import { createHash } from 'node:crypto';

/** Of these nodes, the one that a name goes to: each node wins as many names as another, and one that goes changes no other's. */
export const winnerOf = (name: string, nodes: readonly string[]): string | undefined => {
  let winner: string | undefined;
  let highest = '';
  for (const node of nodes) {
    const weight = createHash('sha256').update(`${node} ${name}`).digest('hex');
    if (weight > highest) [winner, highest] = [node, weight];
  }
  return winner;
};
