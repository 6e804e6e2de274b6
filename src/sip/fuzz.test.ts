import { describe, expect, it } from 'vitest';
import { fuzzCores } from './testing/fuzz-core.ts';
import { fuzzCorpus } from './testing/fuzz-corpus.ts';
import { usedHeapOctets } from './testing/heap.ts';

/** `npm run test:long` asks for a million, from a seed of its own. */
const INPUTS = Number(process.env.BRUSIO_FUZZ_INPUTS ?? 25_000);
const SEED = Number(process.env.BRUSIO_FUZZ_SEED ?? 20_261_122);

/** A leak of one object of 100 octets an input would be 5 MB over 50,000. */
const HEAP_GROWTH_OCTETS_MAX = 3_000_000;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

describe('the engine under damaged and made-up messages', () => {
  it(
    `contains no exception, leaks nothing and reads what it wrote, over ${INPUTS} inputs (seed ${SEED})`,
    () => {
      const report = fuzzCores({
        inputs: INPUTS,
        seed: SEED,
        corpus: fuzzCorpus(),
        epochInputs: Math.max(1_000, Math.floor(INPUTS / 10)),
        usedHeapOctets,
        onEpoch(inputs, heapOctets) {
          if (INPUTS > 100_000)
            process.stderr.write(`fuzz: ${inputs} inputs, heap ${(heapOctets / 1e6).toFixed(1)} MB\n`);
        },
      });
      expect(report.problems).toEqual([]);
      // The inputs must have come as far as the applications, or the above says nothing.
      expect(report.accepted).toBeGreaterThan(INPUTS / 10);
      expect(report.heard).toBeGreaterThan(INPUTS / 100);
      const { heapOctets } = report;
      const third = Math.floor(heapOctets.length / 3);
      const growth = median(heapOctets.slice(-third)) - median(heapOctets.slice(1, 1 + third));
      expect(growth).toBeLessThan(HEAP_GROWTH_OCTETS_MAX);
    },
    INPUTS * 5 + 60_000,
  );
});
