import { type Clock, type ProcessIdentity, type ProcessTree, sendSignal } from '@go-agent/runtime/core';
import type { EndableTree } from './end-after-grace.ts';

const KILL_MS = 5000;
const LOOK_MS = 5;
const NEVER = new AbortController().signal;

/**
 * The processes of a job that are younger than this moment: those of the task that begins now. What earlier tasks left running (a
 * database for the tests, say) is not among them.
 */
export async function processesSince(tree: ProcessTree, clock: Clock): Promise<EndableTree> {
  const before = new Set((await tree.list()).map(nameOf));
  const list = async () => (await tree.list()).filter((process) => !before.has(nameOf(process)));
  const signalAll = async (signal: NodeJS.Signals) => {
    for (const process of await list()) sendSignal(process, signal);
  };
  return {
    list,
    signalAll,
    async killAll(killMs = KILL_MS) {
      const deadline = clock.monotonic() + killMs;
      for (;;) {
        await signalAll('SIGKILL');
        const left = await list();
        if (left.length === 0 || clock.monotonic() > deadline) return left;
        await clock.sleep(LOOK_MS, NEVER);
      }
    },
  };
}

function nameOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}
