import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCHER_LOCK } from '@go-agent/protocol/launch-contract';
import { isAlive } from '@go-agent/runtime/core';
import { check, fail, ok, type Verdict, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';
import type { Subject } from '../subject.ts';

interface LockFacts {
  readonly kind: 'none' | 'folder' | 'file';
  readonly silentMs: number;
  readonly owner?: { readonly pid: number; readonly alive: boolean };
}

/** As the launcher judges the lock of a Java agent. */
const JAVA_SILENT_MS = 600_000;

export const lockCheck = check({
  name: 'lock',
  about: 'who holds the home folder',
  async look({ home, clock }): Promise<LockFacts> {
    const found = await stat(join(home, LAUNCHER_LOCK)).catch(() => undefined);
    if (found === undefined) return { kind: 'none', silentMs: 0 };
    const owner = await readOwner(home);
    return {
      kind: found.isDirectory() ? 'folder' : 'file',
      silentMs: clock.now() - found.mtimeMs,
      ...(owner === undefined ? {} : { owner }),
    };
  },
  judge(facts, subject) {
    const { running, status, orphan, home } = subject;
    if (facts.kind === 'file') return judgeJava(facts.silentMs, subject);
    if (orphan !== undefined)
      return warn(
        `an agent (pid ${orphan.pid}) runs without a bootstrapper`,
        `go-agent start --home ${home} takes its place, go-agent stop --home ${home} ends it`,
      );
    if (facts.kind === 'none') {
      if (running && status?.phase === 'running')
        return fail('go-agent runs, but the lock of its home is gone', 'go-agent stop, then go-agent start');
      return ok('nobody holds the home folder');
    }
    const { owner } = facts;
    if (owner === undefined)
      return warn('the lock does not say whose it is', 'the next start takes it over after 30 s');
    if (!owner.alive)
      return warn(
        `the lock is left over from process ${owner.pid}, which is gone`,
        'nothing is to be done: the next start takes it over at once',
      );
    if (running && status?.process.pid === owner.pid)
      return ok(`the go-agent that runs (pid ${owner.pid}) holds it`);
    return fail(
      `process ${owner.pid} holds the home folder, and it is not the go-agent that go-agent status knows`,
      `look at it with ps -p ${owner.pid}; end it, or give this agent another --home`,
    );
  },
});

function judgeJava(silentMs: number, { home }: Subject): Verdict {
  const saw = `a Java GoCD agent holds ${home}, or did until ${durationInWords(silentMs)} ago`;
  const remedy = `stop that agent and remove ${join(home, LAUNCHER_LOCK)}, or give this agent another --home`;
  return silentMs < JAVA_SILENT_MS ? fail(saw, remedy) : warn(saw, remedy);
}

async function readOwner(home: string): Promise<LockFacts['owner']> {
  try {
    const text = await readFile(join(home, '.agent-bootstrapper.owner'), 'utf8');
    const { pid, startTime = null, bootId = null } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number') return undefined;
    const isOfThisBoot = typeof bootId !== 'string' || bootId === (await readBootId());
    const identity = { pid, startTime: typeof startTime === 'number' ? startTime : null };
    return { pid, alive: isOfThisBoot && isAlive(identity) };
  } catch {
    return undefined;
  }
}

async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
