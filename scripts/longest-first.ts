/** Begins the test files that take the longest first: else the last of them runs on alone while the other cores are idle. */
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A sequencer for these names of files, without `.test.ts`, the longest first; the others follow in vitest's own order. */
export function longestFirst(names: readonly string[]): typeof BaseSequencer {
  const rankOf = ({ moduleId }: TestSpecification) => {
    const rank = names.indexOf(basename(moduleId, '.test.ts'));
    return rank === -1 ? names.length : rank;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
    }
  };
}
