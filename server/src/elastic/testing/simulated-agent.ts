import type { AgentRuntimeInfo, JobIdentifier, Work } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import { registrationForm, runtimeInfo } from '../../core/core-fixture.ts';
import type { ServerCore } from '../../core.ts';
import type { Machine } from './scripted-cloud.ts';

const NOT_HELD = { waitMs: 0, signal: new AbortController().signal };

/** The agent of one machine, step by step as its test says. */
export class SimulatedAgent {
  readonly machine: Machine;
  readonly uuid: string;
  /** Nothing that it says, and nothing that it is told, gets through. */
  silent = false;
  /** It goes on with its job, whatever it is told. */
  deaf = false;
  #cookie: string | undefined;
  #asking: Promise<void> | undefined;
  #job: JobIdentifier | undefined;

  constructor(machine: Machine, uuid = `uuid-${machine.agentId}`) {
    this.machine = machine;
    this.uuid = uuid;
  }

  get job(): JobIdentifier | undefined {
    return this.#job;
  }

  get isRegistered(): boolean {
    return this.#cookie !== undefined;
  }

  /** False: it was refused. */
  async register(core: ServerCore): Promise<boolean> {
    const token = await core.agents.token(this.uuid);
    if (token.type !== 'issued') return false;
    const outcome = await core.agents.register(
      registrationForm(this.uuid, {
        token: token.token,
        autoRegisterKey: this.machine.key,
        elasticAgentId: this.machine.agentId,
        elasticPluginId: 'scripted',
      }),
    );
    if (outcome.type !== 'registered') return false;
    this.#cookie = await core.agents.newCookie(this.uuid);
    return true;
  }

  /** Begins to ask for work, held, unless it does or works already. */
  ask(core: ServerCore): void {
    if (this.#cookie === undefined || this.#asking !== undefined || this.#job !== undefined) return;
    this.#asking = core.work
      .work(this.#info(), { waitMs: 30_000, signal: new AbortController().signal })
      .then((work) => this.#got(work))
      .catch((error: unknown) => this.#refused(error))
      .finally(() => {
        this.#asking = undefined;
      });
  }

  /** Settles when its request for work has been answered. */
  async asked(): Promise<void> {
    await this.#asking;
  }

  async ping(core: ServerCore): Promise<void> {
    if (this.#cookie === undefined || this.silent) return;
    try {
      const told = await core.agents.ping(this.#info(), NOT_HELD);
      if (told !== 'NONE' && !this.deaf) await this.#stopJob(core);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** One step on with its job, or to its end. */
  async work(core: ServerCore, end: boolean): Promise<void> {
    const job = this.#job;
    if (job === undefined) return;
    try {
      await core.work.reportState(this.#info(), job, 'Building');
      if (!end) return;
      await core.work.reportCompleting(this.#info(), job, 'Passed');
      await core.work.reportCompleted(this.#info(), job, 'Passed');
      this.#job = undefined;
      await core.agents.ping(this.#info(), NOT_HELD);
    } catch (error) {
      this.#job = undefined;
      this.#refused(error);
    }
  }

  async #stopJob(core: ServerCore): Promise<void> {
    const job = this.#job;
    this.#job = undefined;
    if (job !== undefined) await core.work.reportCompleted(this.#info(), job, 'Cancelled');
    await core.agents.ping(this.#info(), NOT_HELD);
  }

  #got(work: Work): void {
    if (this.silent) return;
    if (work.type === 'BuildWork') this.#job = work.assignment.jobIdentifier;
    if (work.type === 'UnregisteredAgentWork') this.#cookie = undefined;
  }

  /** What a server says to an agent that it does not know any more, or whose job is another's. */
  #refused(error: unknown): void {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'agent-unknown' || error.code === 'agent-cookie') this.#cookie = undefined;
  }

  #info(): AgentRuntimeInfo {
    return runtimeInfo(this.uuid, this.#cookie ?? '', this.#job === undefined ? undefined : 'a job');
  }
}
