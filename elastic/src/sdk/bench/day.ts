// The day itself: minute after minute of a clock that only the bench has, as fast as the plugin answers.
import type { AssignDecision, ElasticJob } from '@go-agent/protocol/elastic';
import { checkDecisions } from './check-decisions.ts';
import { DayAgents } from './day-agents.ts';
import type { DayContext } from './day-context.ts';
import { MINUTES_A_DAY, type PlannedJob } from './day-plan.ts';
import type { PluginCalls } from './plugin-calls.ts';

interface Waiting {
  readonly plan: PlannedJob;
  readonly job: ElasticJob;
  /** On the bench's clock. */
  askAt: number;
}

interface Running {
  readonly waiting: Waiting;
  readonly agentId: string;
  readonly until: number;
}

const MINUTE_MS = 60_000;
/** How long after midnight a job may still wait. */
const PATIENCE_MINUTES = 240;

export class Day {
  readonly #context: DayContext;
  readonly #agents: DayAgents;
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Map<string, Running>();

  constructor(context: Omit<DayContext, 'environmentOf'>) {
    this.#context = { ...context, environmentOf: (jobId) => this.#waiting.get(jobId)?.job.environment };
    this.#agents = new DayAgents(this.#context);
  }

  /** Resolves when the last job of the day is done, or does not come forward any more. */
  async play(): Promise<PluginCalls> {
    const midnight = this.#context.server.now;
    const jobs = [...this.#context.plan];
    for (let minute = 0; minute < MINUTES_A_DAY || this.#waiting.size + this.#running.size > 0; minute++) {
      this.#context.server.now = midnight + minute * MINUTE_MS;
      if (minute > MINUTES_A_DAY + PATIENCE_MINUTES) break;
      while (jobs[0] !== undefined && jobs[0].minute <= minute) this.#schedule(jobs.shift() as PlannedJob);
      if (minute === 8 * 60) await this.#agents.warmUp();
      if (minute === 12 * 60) await this.#crash();
      if (minute % 60 === 0) await this.#tick();
      await this.#finishJobs();
      await this.#askForWork();
      await this.#agents.registerAgents();
      await this.#agents.retireIdle();
    }
    for (const { job } of this.#waiting.values()) {
      this.#context.server.violations.add('starts-agents', `job ${job.jobId} was never given an agent`);
    }
    for (const agentId of this.#context.server.agents.keys()) await this.#agents.stop(agentId, 'not-needed');
    for (const agentId of this.#context.server.starting.keys())
      await this.#agents.stop(agentId, 'not-needed');
    return this.#context.calls;
  }

  #schedule(plan: PlannedJob): void {
    const { jobId, environment } = plan;
    const job: ElasticJob = {
      jobId,
      attempt: 1,
      pipelineName: 'bench',
      pipelineCounter: jobId,
      pipelineLabel: String(jobId),
      stageName: 'build',
      stageCounter: 1,
      jobName: `job-${jobId}`,
      queuedAt: this.#context.server.now,
      ...(environment === undefined ? {} : { environment }),
      profile: this.#context.profile,
    };
    this.#waiting.set(jobId, { plan, job, askAt: this.#context.server.now });
  }

  async #askForWork(): Promise<void> {
    const { now } = this.#context.server;
    // As the server does: an agent that is free, or one that failed, is a reason to ask about all.
    const all =
      this.#context.server.askAgain || this.#agents.idle().length > 0 || this.#context.server.failed.size > 0;
    this.#context.server.askAgain = false;
    for (const agentId of this.#context.server.failed.keys()) this.#agents.failed(agentId);
    const due = [...this.#waiting.values()].filter(({ askAt }) => all || askAt <= now).slice(0, 100);
    if (due.length === 0) return;
    this.#context.server.newCall();
    const asked = {
      cluster: this.#context.cluster,
      jobs: due.map(({ job }) => job),
      agents: this.#agents.idle(),
      waitingCount: this.#waiting.size,
      startingCount: this.#context.server.starting.size,
    };
    const answer = await this.#context.calls.assignWork(asked);
    if (answer === undefined) return;
    const onTheWay = new Set([
      ...this.#context.server.starting.keys(),
      ...this.#context.server.failed.keys(),
    ]);
    for (const { rule, message } of checkDecisions(asked, answer.decisions, onTheWay)) {
      this.#context.server.violations.add(rule, message);
    }
    for (const decision of answer.decisions) await this.#apply(decision);
  }

  async #apply(decision: AssignDecision): Promise<void> {
    const waiting = this.#waiting.get(decision.jobId);
    if (waiting === undefined) return;
    const { now } = this.#context.server;
    if (decision.action !== 'assign') {
      this.#context.server.checkSecrets(decision.reason, 'a reason');
      waiting.askAt = now + Math.min(600_000, Math.max(1000, decision.askAgainMs ?? 30_000));
      if (waiting.plan.fate === 'cancelled-waiting') await this.#cancelWaiting(waiting);
      return;
    }
    const agent = this.#context.server.agents.get(decision.agentId);
    if (agent?.state !== 'idle') return;
    this.#waiting.delete(decision.jobId);
    const { idleSince: _, ...busy } = agent;
    // One that was started for no job joins the environment of its first.
    const joined = waiting.job.environment === undefined ? agent.environments : [waiting.job.environment];
    this.#context.server.agents.set(agent.agentId, {
      ...busy,
      environments: joined,
      state: 'building',
      jobId: decision.jobId,
    });
    const until = now + waiting.plan.minutes * MINUTE_MS;
    this.#running.set(agent.agentId, { waiting, agentId: agent.agentId, until });
    await this.#agents.event(agent.agentId, 'building');
  }

  async #cancelWaiting({ job }: Waiting): Promise<void> {
    this.#waiting.delete(job.jobId);
    this.#context.done.jobs++;
    const meant = [...this.#context.server.starting.values()].find(({ jobId }) => jobId === job.jobId);
    await this.#context.calls.tell('job-cancelled', {
      clusterId: this.#context.cluster.id,
      job,
      phase: 'waiting',
      reason: 'cancelled by the bench',
      ...(meant === undefined ? {} : { agentId: meant.agentId }),
    });
  }

  async #finishJobs(): Promise<void> {
    for (const { waiting, agentId, until } of this.#running.values()) {
      if (until > this.#context.server.now) continue;
      this.#running.delete(agentId);
      const { job, plan } = waiting;
      const common = { clusterId: this.#context.cluster.id, job, agentId };
      if (plan.fate === 'lost') {
        await this.#agents.event(agentId, 'lost');
        const newJobId = job.jobId + 100_000;
        await this.#context.calls.tell('job-rescheduled', { ...common, newJobId, reason: 'agent lost' });
        await this.#agents.stop(agentId, 'lost');
        this.#schedule({ ...plan, jobId: newJobId, fate: 'passed' });
        continue;
      }
      const cancelled = plan.fate === 'cancelled-running';
      if (cancelled)
        await this.#context.calls.tell('job-cancelled', { ...common, phase: 'running', reason: 'cancelled' });
      const result = plan.fate === 'passed' || plan.fate === 'failed' ? plan.fate : 'cancelled';
      await this.#context.calls.tell('job-finished', {
        ...common,
        result,
        finishedAt: this.#context.server.now,
      });
      this.#context.done.jobs++;
      await this.#freeAgent(agentId);
    }
  }

  async #freeAgent(agentId: string): Promise<void> {
    const agent = this.#context.server.agents.get(agentId);
    if (agent === undefined) return;
    const { jobId: _, ...rest } = agent;
    const jobsDone = agent.jobsDone + 1;
    const { jobsPerAgent } = this.#context.profile.policy;
    this.#context.server.agents.set(agentId, {
      ...rest,
      state: 'idle',
      jobsDone,
      idleSince: this.#context.server.now,
    });
    if (jobsDone >= jobsPerAgent) await this.#agents.stop(agentId, 'jobs-done');
    else await this.#agents.event(agentId, 'idle');
  }

  /** The plugin dies at noon, and is started anew. */
  async #crash(): Promise<void> {
    const { server } = this.#context;
    await this.#agents.haveOne();
    const before = await this.#agents.instances();
    this.#context.calls = await this.#context.crash();
    const after = await this.#agents.instances();
    const registered = before?.filter(({ agentId }) => server.agents.has(agentId)) ?? [];
    const missing = registered.filter(({ agentId }) => !after?.some((each) => each.agentId === agentId));
    if (missing.length > 0) {
      server.violations.add('finds-again', `${missing.length} of ${registered.length} agents are not listed`);
    }
    // What was on its way may be half made: the server gives it up.
    for (const agentId of server.starting.keys()) await this.#agents.stop(agentId, 'never-registered');
  }

  async #tick(): Promise<void> {
    const { cluster, profile } = this.#context;
    const load = {
      profileId: profile.id,
      waiting: this.#waiting.size,
      starting: this.#context.server.starting.size,
      idle: this.#agents.idle().length,
      building: this.#running.size,
    };
    await this.#context.calls.tell('tick', { clusters: [{ cluster, load: [load] }] });
  }
}
