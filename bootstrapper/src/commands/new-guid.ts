import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { bindGuid, writeFileAtomic } from '@go-agent/runtime/core';
import { findOrphan } from '../find-orphan.ts';
import { findRunning } from '../find-running.ts';
import type { CommandContext } from './context.ts';

/** `go-agent config new-guid`: from its next start on this agent is another one to its server. */
export async function newGuid(
  context: CommandContext,
  { home, json }: { readonly home: string; readonly json: boolean },
): Promise<number> {
  const running = (await findRunning(home))?.process ?? findOrphan(home);
  if (running !== undefined) {
    context.printError(
      `go-agent: an agent runs in ${home} (pid ${running.pid}). Remedy: stop it first, with go-agent stop --home ${home}`,
    );
    return ExitCode.locked;
  }
  const config = join(home, 'config');
  const before = (await readFile(join(config, 'guid.txt'), 'utf8').catch(() => '')).trim();
  const guid = randomUUID();
  await mkdir(config, { recursive: true, mode: 0o700 });
  // In this order a crash in between leaves a guid with a token of another, which the agent replaces by itself.
  await writeFileAtomic(join(config, 'guid.txt'), guid, { mode: 0o600 });
  await bindGuid(home, guid, context.clock.now());
  await rm(join(config, 'token'), { force: true });
  await giveToOwnerOf(config, ['guid.txt', 'guid-of.json']);
  const undelivered = (await readdir(join(home, 'jobs')).catch(() => [])).filter((name) =>
    /^\d+$/.test(name),
  );
  if (json) {
    context.print(JSON.stringify({ guid, before: before || null, undeliveredJobs: undelivered }, null, 2));
    return ExitCode.ok;
  }
  context.print(`The agent in ${home} has the guid ${guid}${before === '' ? '' : `, and had ${before}`}.`);
  context.print(
    'It registers anew at its next start: with a key for automatic registration, or approved by hand on the server.',
  );
  if (undelivered.length > 0)
    context.print(
      `What is still in ${join(home, 'jobs')} belongs to the old guid, and no server will take it.`,
    );
  return ExitCode.ok;
}

/** An administrator does this as root, and the agent must be able to read its own files. */
async function giveToOwnerOf(folder: string, names: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  for (const name of names) await chown(join(folder, name), uid, gid);
}
