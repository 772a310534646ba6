// The job host: waits as a spare, its modules loaded, until the courier names a job; then runs that one job and ends. It outlives
// its courier.

import {
  describeError,
  keepMemoryOutOfCoreDumps,
  openContainer,
  systemClock,
  trimWhileWaiting,
} from '@go-agent/runtime/core';
import { readBootId } from '../journal/boot-id.ts';
import { CONTAINMENT_VARIABLE, parseContainment } from '../journal/containment-choice.ts';
import type { CancelReason } from '../journal/format.ts';
import { hostJob } from './host-job.ts';
import { readSpareMessage } from './read-spare-message.ts';
import { rehearse } from './rehearse.ts';

/** Resolves to the exit code of the process. */
export async function main(): Promise<number> {
  keepMemoryOutOfCoreDumps();
  const level = parseContainment(process.env[CONTAINMENT_VARIABLE]) ?? 'best';
  // The home folder: other agents' job hosts may have their groups beside these.
  const home = process.cwd();
  const container = openContainer({ level, scope: home });
  const arrived = new AbortController();
  const rehearsal = rehearse({
    home,
    env: process.env,
    level,
    clock: systemClock,
    signal: arrived.signal,
  }).then(() => container.prepare());
  // Whoever waits for long needs little.
  void rehearsal.then(() => trimWhileWaiting(systemClock, arrived.signal));
  const bootId = await readBootId();
  const message = await readSpareMessage(process.stdin);
  arrived.abort();
  await rehearsal;
  if (!message) {
    await container[Symbol.asyncDispose]();
    return 0;
  }
  const cancel = new AbortController();
  outliveTheCourier(cancel);
  const onStall = (error: unknown) =>
    console.error(`The journal ${message.journal} cannot be written: ${describeError(error)}`);
  let keeps = false;
  try {
    await hostJob({
      folder: message.journal,
      env: process.env,
      clock: systemClock,
      container,
      bootId,
      cancel,
      onStall,
    });
    keeps = (await container.list()).length > 0;
    return 0;
  } catch (error) {
    console.error(`The job of ${message.journal} could not be run: ${describeError(error)}`);
    return 1;
  } finally {
    // What the job keeps running stays; otherwise there is nothing but an empty group and unused pipes to put away.
    if (!keeps) await container[Symbol.asyncDispose]();
  }
}

function outliveTheCourier(cancel: AbortController): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  // The system is going down, or somebody means this job.
  process.on('SIGTERM', () => cancel.abort('agent-stopping' satisfies CancelReason));
  // The other ends of these may be gone with the courier.
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.stdin.destroy();
}

if (import.meta.main) void main().then((code) => process.exit(code));
