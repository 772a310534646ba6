import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_LOCK } from '@go-agent/protocol/launch-contract';
import { isAlive, type ProcessIdentity } from '@go-agent/runtime/core';

/** The agent process that holds the home's agent lock and lives, if there is one. */
export function findOrphan(home: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(readFileSync(join(home, AGENT_LOCK), 'utf8')) as Partial<ProcessIdentity>;
    if (typeof holder.pid !== 'number' || holder.startTime === undefined) return undefined;
    const identity = { pid: holder.pid, startTime: holder.startTime };
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}
