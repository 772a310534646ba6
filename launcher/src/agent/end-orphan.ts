import { join } from 'node:path';
import { AGENT_LOCK, HAND_OVER_SIGNAL } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import { lookAtOwner, readOwner } from '../lock/owner.ts';

/** An agent only has to let go of its job host, which goes on without it. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 20;

export type OrphanEnd = 'none' | 'handed-over' | 'killed' | 'interrupted';

/**
 * Ends the agent process that a killed bootstrapper left in this home, if there is one: two agents must never work
 * under one guid. Its job host is another process and goes on; the next agent takes it over.
 */
export async function endOrphan(home: string, clock: Clock, signal: AbortSignal): Promise<OrphanEnd> {
  const owner = await readOwner(join(home, AGENT_LOCK));
  if (owner === undefined || (await lookAtOwner(owner)) !== 'alive') return 'none';
  for (const [name, result] of [
    [HAND_OVER_SIGNAL, 'handed-over'],
    ['SIGKILL', 'killed'],
  ] as const) {
    send(owner.pid, name);
    const deadline = clock.monotonic() + PATIENCE_MS;
    while (clock.monotonic() < deadline) {
      if ((await lookAtOwner(owner)) !== 'alive') return result;
      if (!(await clock.sleep(LOOK_EVERY_MS, signal))) return 'interrupted';
    }
  }
  return 'killed';
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
