/** An agent that has a key and has not registered yet. */
export interface StartingAgent {
  readonly agentId: string;
  readonly profileId: string;
  readonly environment?: string;
  /** Its key names no job: it joins the environment of its first one. */
  readonly isWarm: boolean;
  /** That it is meant for; absent: for whoever comes. */
  readonly jobId?: number;
  /** Milliseconds since the epoch; its key is void then. */
  readonly expiresAt: number;
}

/** The agents of one cluster that are on their way. What a restart makes this forget, the server still knows. */
export class StartingAgents {
  readonly #agents = new Map<string, StartingAgent>();

  add(agent: Omit<StartingAgent, 'isWarm'>): void {
    this.#agents.set(agent.agentId, { ...agent, isWarm: agent.jobId === undefined });
  }

  /** It has registered, or never will. */
  remove(agentId: string): StartingAgent | undefined {
    const agent = this.#agents.get(agentId);
    this.#agents.delete(agentId);
    return agent;
  }

  /** The job has found another agent, or is over: what was started for it is free for another job. */
  release(jobId: number): void {
    for (const agent of this.#agents.values()) {
      if (agent.jobId !== jobId) continue;
      const { jobId: _, ...free } = agent;
      this.#agents.set(agent.agentId, free);
    }
  }

  /** A free one is meant for this job from now on. */
  claim(agentId: string, jobId: number): void {
    const agent = this.#agents.get(agentId);
    if (agent !== undefined) this.#agents.set(agentId, { ...agent, jobId });
  }

  list(now: number): readonly StartingAgent[] {
    for (const { agentId, expiresAt } of this.#agents.values())
      if (expiresAt <= now) this.#agents.delete(agentId);
    return [...this.#agents.values()];
  }
}
