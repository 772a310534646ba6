import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildAssignment, BuildWork } from '@go-agent/protocol';
import type { ProcessIdentity } from '@go-agent/runtime/core';
import { type TempDir, waitFor } from '@go-agent/runtime/testing';
import { shell, TEST_PATH } from '../../job-host/testing/test-job.ts';
import { sampleWork } from '../../journal/testing/sample-assignment.ts';

/** Settings and environment with which an agent runs jobs by the real job host. */
export const REAL_HOST = {
  settings: { 'job-host-entry': fileURLToPath(import.meta.resolve('../../job-host/main.ts')) },
  environment: { PATH: TEST_PATH, TMPDIR: tmpdir() },
};

/** A job of one shell script, in `pipelines/up42`. Its locator is `up42/7/up42_stage/1/up42_job`. */
export function scriptWork(buildId: number, script: string, more: Partial<BuildAssignment> = {}): BuildWork {
  const work = sampleWork(buildId);
  const assignment = { ...work.assignment, fetchMaterials: false, builders: [shell(script)], ...more };
  return { ...work, assignment };
}

async function readEvents(home: TempDir, buildId: number): Promise<string> {
  return readFile(join(home.path, 'jobs', String(buildId), 'events.jsonl'), 'utf8').catch(() => '');
}

export async function untilEvent(home: TempDir, buildId: number, type: string): Promise<void> {
  await waitFor(async () => (await readEvents(home, buildId)).includes(`"type":"${type}"`), {
    describe: `${type} in the journal`,
  });
}

/** The process that runs the job. */
export async function hostOf(home: TempDir, buildId: number): Promise<ProcessIdentity> {
  const [first] = (await readEvents(home, buildId)).split('\n');
  return (JSON.parse(first ?? '') as { readonly host: ProcessIdentity }).host;
}
