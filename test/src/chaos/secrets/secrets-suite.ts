import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FuzzResult } from '@go-agent/agent/masking-fuzz';
import type { ChaosSuite } from '../suite.ts';

const WORKERS = 2;

/** Random secrets in random text, cut at random, against a plain search and replace. */
export const secretsSuite: ChaosSuite = {
  describe: 'fuzzed masking: no form of a secret is left, no other byte changed',
  defaultRuns: 1_000_000,
  async run({ runs, random, progress }) {
    const shares = Array.from({ length: WORKERS }, (_, i) => ({
      seed: random.integer(0, 2 ** 31 - 1),
      cases: Math.floor(runs / WORKERS) + (i < runs % WORKERS ? 1 : 0),
    }));
    const results = await Promise.all(shares.map(fuzzInWorker));
    for (const { seed, firstFailure } of results)
      if (firstFailure) progress(`worker with seed ${seed}: ${JSON.stringify(firstFailure)}`);
    return results.map(({ seed, cases, leaks, damaged }, i) => ({
      what: `worker ${i + 1}, its seed ${seed}`,
      tried: cases,
      broke: leaks + damaged,
      figures: { leaks, 'other bytes changed': damaged },
    }));
  },
};

async function fuzzInWorker(workerData: { readonly seed: number; readonly cases: number }) {
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData });
  // Rejects at the worker's `error`.
  const [result] = (await once(worker, 'message')) as [FuzzResult];
  return result;
}
