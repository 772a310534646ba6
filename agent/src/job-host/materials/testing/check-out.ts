import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Material, MaterialRevision } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { testJob } from '../../testing/test-job.ts';

export interface CheckOut {
  /** With its revisions, newest first. */
  readonly materials: readonly MaterialRevision[];
  /** Relative to the agent's home. Default `pipelines/up42`. */
  readonly workingDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Prepares the working folder, which may not be there yet. */
  readonly before?: (workingDir: string) => Promise<void>;
  /** Looks at the working folder while it is there. */
  readonly after?: (workingDir: string) => Promise<void>;
}

export interface CheckedOut {
  readonly result: string;
  readonly console: string;
}

/** Runs jobs one after the other in one agent's home. */
export async function checkOutInTurn(home: string, ...checkOuts: CheckOut[]): Promise<CheckedOut[]> {
  const outcomes: CheckedOut[] = [];
  for (const { materials, env = {}, before, after, workingDir = 'pipelines/up42' } of checkOuts) {
    await using job = await testJob({
      home,
      env,
      assignment: {
        buildWorkingDirectory: { path: workingDir },
        materialRevisions: { revisions: materials },
      },
    });
    const folder = join(home, workingDir);
    await mkdir(folder, { recursive: true });
    await before?.(folder);
    outcomes.push({ result: await job.run(), console: await job.console() });
    await after?.(folder);
  }
  return outcomes;
}

/** Runs one job in a home of its own. */
export async function checkOut(checkOut: CheckOut): Promise<CheckedOut> {
  await using home = await tempDir();
  const [outcome = { result: 'none', console: '' }] = await checkOutInTurn(home.path, checkOut);
  return outcome;
}

export function revisionOf(material: Material, ...revisions: readonly string[]): MaterialRevision {
  return { material, modifications: revisions.map((revision) => ({ revision })), changed: true };
}
