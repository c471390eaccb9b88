import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start processes, or wait for what they started: some take many seconds in a file of a few lines. */
const long = [
  /^test\/e2e\//,
  /^test\/core\/cli\//,
  /^test\/api\//,
  /^test\/configs/,
  /^test\/fuzz\//,
  /^test\/cluster\//,
  /(?:crash|killed-process)\.test\.ts$/,
];

/**
 * Vitest begins with what took longest the last time, and in a fresh clone with the largest files. There the longest tests would come last,
 * one after the other, while the other workers have nothing left to do.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId, project }: TestSpecification): number => {
      // These end their worker: after them the shared ones begin.
      if (project.name === 'alone') return 0;
      const path = relative(this.ctx.config.root, moduleId);
      return long.some((pattern) => pattern.test(path)) ? 1 : 2;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
