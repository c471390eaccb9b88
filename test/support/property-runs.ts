import type { Parameters } from 'fast-check';

/**
 * How a property is tried: the same cases at each run, since a gate that asks new questions fails for those who changed
 * nothing. `PROPERTY_RUNS=3000` asks so many new ones; a failure names its seed and path.
 */
export const propertyRuns = (usual: number): Pick<Parameters, 'numRuns' | 'seed'> => {
  const asked = process.env['PROPERTY_RUNS'];
  return asked === undefined ? { numRuns: usual, seed: 20_261_123 } : { numRuns: Number(asked) };
};
