import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { type BenchReport, runBench } from '../sdk/bench/run-bench.ts';
import type { Provider } from '../sdk/provider.ts';
import type { Fields } from '../sdk/schema.ts';
import { inProcess } from './in-process.ts';

type Properties = Readonly<Record<string, string>>;

/** The bench's whole day with a provider in this process. */
export async function playDay<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
  clusterProperties: Properties,
  profileProperties: Properties,
  jobs: number,
): Promise<BenchReport> {
  await using folder = await tempDir();
  const dataFolders = [join(folder.path, '1'), join(folder.path, '2')] as const;
  for (const each of dataFolders) await mkdir(each);
  return runBench({
    pluginId: provider.id,
    start: () => inProcess(provider),
    dataFolders,
    clusterProperties,
    profileProperties,
    jobs,
    seed: 11,
    maxAgents: 3,
    startTimeoutMs: 30_000,
  });
}
