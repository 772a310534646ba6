import { systemClock } from '@go-agent/runtime/core';
import type { TcpProxy } from '../../harness/tcp-proxy.ts';
import type { TestAgent } from '../../harness/test-agent.ts';
import type { TestServer } from '../../harness/test-server.ts';
import type { SeededRandom } from '../seeded-random.ts';

const CONSOLE_FAULTS = [
  'kill -9 of the server',
  'kill -9 of the agent',
  'kill -9 of both',
  'a cut connection',
] as const;
type FaultKind = (typeof CONSOLE_FAULTS)[number];

/** What happens to one job. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** How much of the job's output the server shall have when it happens, 0 to 1, ascending: it happens that often. */
  readonly shares: readonly number[];
  /** For how long a killed server is away. */
  readonly awayMs: number;
  /** The task prints with pauses, so that much is still to be printed then. */
  readonly paced: boolean;
}

export function planFault(random: SeededRandom, index: number): FaultPlan {
  const shares = Array.from({ length: random.integer(1, 3) }, () => 0.01 + random.next() * 0.94);
  return {
    kind: CONSOLE_FAULTS[index % CONSOLE_FAULTS.length] ?? CONSOLE_FAULTS[0],
    shares: shares.toSorted((a, b) => a - b),
    awayMs: random.integer(0, 800),
    paced: random.next() < 0.5,
  };
}

export interface Victims {
  readonly server: TestServer;
  readonly agent: TestAgent;
  readonly proxy: TcpProxy;
}

const NEVER = new AbortController().signal;

/** Resolves once the server is up again, if it was killed; the agent comes back by itself. */
export async function strike({ kind, awayMs }: FaultPlan, victims: Victims): Promise<void> {
  const { server, agent, proxy } = victims;
  if (kind === 'a cut connection') return proxy.cut();
  if (kind !== 'kill -9 of the server') killAgent(agent);
  if (kind === 'kill -9 of the agent') return;
  await server.kill();
  await systemClock.sleep(awayMs, NEVER);
  await server.start();
}

function killAgent(agent: TestAgent): void {
  const pid = agent.lockedBy();
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // Killed before, and not back yet.
  }
}
