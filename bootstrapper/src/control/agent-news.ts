import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import { agentProblems } from './health-report.ts';

/** `problems`: sentences of a kind that was not told since all was well. `registered`: the server has accepted the agent, and it is well. */
export type News =
  | { readonly type: 'registered' }
  | { readonly type: 'problems'; readonly problems: string[] };

/** What comes and goes is told no more often than this. */
export const AGAIN_MS = 60_000;
/** What is told goes where nobody may clear up; `go-agent status` has the rest. */
const MOST_KINDS = 10;

interface Told {
  /** On the monotonic clock. */
  readonly at: number;
  /** All has been well since, and that was told. */
  isOver: boolean;
}

/** What whoever has started an agent wants to hear of it: whether the server has accepted it, and why it has not. */
export class AgentNews {
  readonly #serverUrl: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By kind of problem. */
  readonly #told = new Map<string, Told>();
  /** Of the last time that all was told to be well. */
  #wellAt = Number.NEGATIVE_INFINITY;
  #isToldWell = false;

  constructor(serverUrl: string, clock: Pick<Clock, 'monotonic'>) {
    this.#serverUrl = serverUrl;
    this.#clock = clock;
  }

  /** @returns what is new by this status; undefined: nothing */
  note(agent: AgentStatus | undefined): News | undefined {
    const verdict = agent === undefined ? 'open' : judge(agent, this.#serverUrl);
    if (verdict === 'open') return undefined;
    const now = this.#clock.monotonic();
    if (verdict === 'well') return this.#noteWell(now);
    for (const [kind, { at, isOver }] of this.#told)
      if (isOver && now - at >= AGAIN_MS) this.#told.delete(kind);
    // Two reasons that take turns are told once each.
    const problems = verdict.filter((problem) => this.#isNew(kindOf(problem), now));
    if (problems.length === 0) return undefined;
    this.#isToldWell = false;
    return { type: 'problems', problems };
  }

  #noteWell(now: number): News | undefined {
    if (this.#isToldWell || now - this.#wellAt < AGAIN_MS) return undefined;
    this.#isToldWell = true;
    this.#wellAt = now;
    for (const told of this.#told.values()) told.isOver = true;
    return { type: 'registered' };
  }

  #isNew(kind: string, at: number): boolean {
    if (this.#told.has(kind) || this.#told.size >= MOST_KINDS) return false;
    this.#told.set(kind, { at, isOver: false });
    return true;
  }
}

/** The free bytes of a disk, for example, are others each time that they are looked at. */
function kindOf(problem: string): string {
  return problem.replaceAll(/\d+/g, '');
}

/** `open`: it has only just begun, and nothing has failed so far; or a job is being ended, and what comes then is not known. */
function judge(agent: AgentStatus, serverUrl: string): 'open' | 'well' | string[] {
  if (agent.state === 'starting') return 'open';
  if (agent.state === 'registering' && agent.problem === undefined) return 'open';
  if (!agent.connected && agent.state !== 'registering' && agent.state !== 'pending') {
    if (agent.lastContactAt === undefined) return 'open';
  }
  const problems = agentProblems(agent, serverUrl);
  if (problems.length > 0) return problems;
  return agent.state === 'cancelled' ? 'open' : 'well';
}
