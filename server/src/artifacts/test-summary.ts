import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TEST_SUMMARY } from '@go-agent/protocol';
import { z } from 'zod';
import type { JobView } from '../domain/views.ts';
import { isMissing } from '../http/missing-file.ts';
import type { JobFolders } from './job-folders.ts';

const counts = z.object({
  tests: z.number(),
  passed: z.number(),
  failed: z.number(),
  errors: z.number(),
  skipped: z.number(),
  seconds: z.number(),
});

/** What the test reports of a job came to. */
export type TestCounts = z.infer<typeof counts>;

/** It is an artifact: whatever else a job puts there is passed over. Bytes. */
const LARGEST = 8 * 1024 * 1024;

/** The counts that our agent sent with the job's artifacts; undefined for a job without reports, or of a stock agent. */
export async function readTestSummary(folders: JobFolders, job: JobView): Promise<TestCounts | undefined> {
  if (job.superseded) return undefined;
  try {
    await using file = await open(join(folders.job(job), TEST_SUMMARY), 'r');
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > LARGEST) return undefined;
    return counts.safeParse(JSON.parse(await file.readFile('utf8'))).data;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
