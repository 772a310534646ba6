import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCHER_LOCK } from '@go-agent/protocol/launch-contract';
import { comparePlace, isAlive, processPlace } from '@go-agent/runtime/core';
import { check, fail, ok, type Verdict, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';
import type { Subject } from '../subject.ts';

interface LockFacts {
  readonly kind: 'none' | 'folder' | 'file';
  readonly silentMs: number;
  readonly owner?: { readonly pid: number; readonly alive: boolean; readonly foreign: boolean };
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
    if (owner.foreign)
      return warn(
        `process ${owner.pid} of another container or machine holds the home folder, or did until ${durationInWords(facts.silentMs)} ago`,
        'give each agent its own --home; a lock that is not renewed for 30 s is taken over',
      );
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
    const { pid, startTime = null, ...there } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number') return undefined;
    const place = comparePlace(there, await processPlace());
    const identity = { pid, startTime: typeof startTime === 'number' ? startTime : null };
    return { pid, alive: place === 'here' && isAlive(identity), foreign: place === 'foreign' };
  } catch {
    return undefined;
  }
}
