import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { agentProblems } from './health-report.ts';

/** `problems`: sentences that were not told since all was well. `registered`: the server has accepted the agent, and it is well. */
export type News =
  | { readonly type: 'registered' }
  | { readonly type: 'problems'; readonly problems: string[] };

/** What whoever has started an agent wants to hear of it: whether the server has accepted it, and why it has not. */
export class AgentNews {
  readonly #serverUrl: string;
  readonly #told = new Set<string>();
  #isWell = false;

  constructor(serverUrl: string) {
    this.#serverUrl = serverUrl;
  }

  /** @returns what is new by this status; undefined: nothing */
  note(agent: AgentStatus | undefined): News | undefined {
    const verdict = agent === undefined ? 'early' : judge(agent, this.#serverUrl);
    if (verdict === 'early') return undefined;
    if (verdict === 'well') {
      if (this.#isWell) return undefined;
      this.#isWell = true;
      this.#told.clear();
      return { type: 'registered' };
    }
    this.#isWell = false;
    // Two reasons that take turns are told once each.
    const problems = verdict.filter((problem) => !this.#told.has(problem));
    for (const problem of problems) this.#told.add(problem);
    return problems.length === 0 ? undefined : { type: 'problems', problems };
  }
}

/** `early`: it has only just begun, and nothing has failed so far. */
function judge(agent: AgentStatus, serverUrl: string): 'early' | 'well' | string[] {
  if (agent.state === 'starting') return 'early';
  if (agent.state === 'registering' && agent.problem === undefined) return 'early';
  if (!agent.connected && agent.state !== 'registering' && agent.state !== 'pending') {
    if (agent.lastContactAt === undefined) return 'early';
  }
  const problems = agentProblems(agent, serverUrl);
  return problems.length === 0 ? 'well' : problems;
}
