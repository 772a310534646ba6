import { randomUUID } from 'node:crypto';
import type { AgentInstruction, AgentRuntimeInfo } from '@go-agent/protocol';
import { AppError, type Secret } from '@go-agent/runtime/core';
import type { AgentDesk, Hold, RegistrationForm, RegistrationOutcome, TokenOutcome } from '../../core.ts';
import type { CommandOutcome } from '../../domain/command-outcome.ts';
import { resourceProblem } from '../../domain/names.ts';
import type { AgentView } from '../../domain/views.ts';
import type { Assigner } from '../../scheduler/assigner.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { AgentRecord } from '../../store/agent-repository.ts';
import { agentToken, isSameSecret } from './agent-token.ts';
import { checkCookie } from './check-cookie.ts';
import { decideRegistration } from './decide-registration.ts';
import { findOrphan } from './find-orphan.ts';
import type { LiveAgent } from './live-agent.ts';

export interface AgentDeskOptions {
  readonly context: SchedulerContext;
  readonly assigner: Assigner;
  readonly tokenKey: Secret;
  readonly autoRegisterKey: string;
  readonly autoRegisterLocalAgents: boolean;
  /** Admits elastic agents, by keys of their own. */
  readonly elastic: { register(form: RegistrationForm): Promise<RegistrationOutcome> };
}

type AgentChange = Parameters<AgentDesk['update']>[1];

export class RegisteredAgentDesk implements AgentDesk {
  readonly #options: AgentDeskOptions;
  readonly #context: SchedulerContext;

  constructor(options: AgentDeskOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  async token(uuid: string): Promise<TokenOutcome> {
    if (uuid.trim() === '') return { type: 'conflict', message: 'UUID cannot be blank.' };
    if (this.#context.registry.get(uuid) !== undefined) {
      return { type: 'conflict', message: 'A token has already been issued for this agent.' };
    }
    return { type: 'issued', token: agentToken(this.#options.tokenKey, uuid) };
  }

  async register(form: RegistrationForm): Promise<RegistrationOutcome> {
    const { registry, clock } = this.#context;
    const { tokenKey, autoRegisterKey, autoRegisterLocalAgents } = this.#options;
    if (!isSameSecret(form.token, agentToken(tokenKey, form.uuid))) return { type: 'bad-token' };
    const known = registry.get(form.uuid);
    if (isElastic(form)) {
      if (known === undefined) return this.#options.elastic.register(form);
      if (known.record.elastic?.agentId === form.elasticAgentId.trim()) return { type: 'registered' };
    }
    const decision = decideRegistration(form, {
      isRegistered: known !== undefined && !known.pending,
      isPending: known?.pending ?? false,
      pendingAgents: registry.all().filter((agent) => agent.pending).length,
      keyAccepted: autoRegisterKey !== '' && isSameSecret(form.autoRegisterKey, autoRegisterKey),
      autoRegisterLocalAgents,
    });
    const { uuid, ipAddress, location, operatingSystem } = form;
    const record: AgentRecord = {
      uuid,
      hostName: form.hostName,
      ipAddress,
      location,
      operatingSystem,
      disabled: false,
      resources: [],
      environments: [],
      registeredAt: clock.now(),
    };
    switch (decision.type) {
      case 'reject':
        return { type: 'rejected', message: decision.message };
      case 'already-registered':
        if (known !== undefined) await this.#save({ ...known.record, ipAddress, location, operatingSystem });
        return { type: 'registered' };
      case 'pending':
        registry.remove(uuid);
        registry.put(record, true);
        return { type: 'pending' };
      case 'enable': {
        const { hostName, resources, environments } = decision;
        await this.#save({ ...record, hostName, resources, environments, cookie: randomUUID() });
        return { type: 'registered' };
      }
    }
    return decision satisfies never;
  }

  authenticate(uuid: string, token: string): boolean {
    const agent = this.#context.registry.get(uuid);
    const isToken = isSameSecret(token, agentToken(this.#options.tokenKey, uuid));
    return isToken && agent !== undefined && !agent.pending;
  }

  async newCookie(uuid: string): Promise<string> {
    const agent = this.#context.registry.get(uuid);
    if (agent === undefined || agent.pending)
      throw new AppError('agent-unknown', `Agent [${uuid}] is not registered.`);
    const cookie = randomUUID();
    await this.#save({ ...agent.record, cookie });
    return cookie;
  }

  async ping(info: AgentRuntimeInfo, hold: Hold): Promise<AgentInstruction> {
    const { registry, health } = this.#context;
    const { uuid, ipAddress } = info.identifier;
    const before = registry.get(uuid);
    checkCookie(before, info, health);
    const agent = registry.heardPing(info);
    if (agent !== undefined && before?.record.ipAddress !== ipAddress) await this.#save(agent.record);
    await findOrphan(this.#context, info);
    if (registry.hasHeard(info) && hold.waitMs > 0) {
      await registry.untilInstructionChanges(uuid, hold.waitMs, hold.signal);
    }
    const instruction = registry.instruction(uuid);
    if (!hold.signal.aborted) registry.noteTold(uuid, instruction);
    return instruction;
  }

  async killRunningTasks(uuid: string): Promise<CommandOutcome> {
    const { registry } = this.#context;
    const agent = registry.get(uuid);
    if (agent === undefined) return { type: 'not-found', message: `Agent with uuid: '${uuid}' not found` };
    if (agent.runtime !== 'cancelled') {
      const { state } = registry.view(agent);
      const message = `The agent should be in cancelled state before attempting to kill running tasks. Current Agent state is: '${state}'`;
      return { type: 'conflict', message };
    }
    if (agent.killRequested === true)
      return { type: 'conflict', message: 'There is a pending request to kill running task.' };
    registry.requestKill(agent);
    return { type: 'ok', value: undefined, message: '' };
  }

  async list(): Promise<readonly AgentView[]> {
    const { registry } = this.#context;
    return registry.all().map((agent) => registry.view(agent));
  }

  async get(uuid: string): Promise<AgentView | undefined> {
    const agent = this.#context.registry.get(uuid);
    return agent === undefined ? undefined : this.#context.registry.view(agent);
  }

  async update(uuid: string, change: AgentChange): Promise<CommandOutcome<AgentView>> {
    const { registry } = this.#context;
    const agent = registry.get(uuid);
    if (agent === undefined)
      return { type: 'not-found', message: `Agent with uuid '${uuid}' was not found!` };
    const problem = changeProblem(agent, change);
    if (problem !== undefined) return { type: 'invalid', ...problem };
    const { configState } = change;
    const saved = await this.#save({
      ...agent.record,
      ...(agent.pending ? { cookie: randomUUID() } : {}),
      ...(configState === undefined ? {} : { disabled: configState === 'disabled' }),
      ...(change.hostName === undefined ? {} : { hostName: change.hostName }),
      ...(change.resources === undefined ? {} : { resources: [...new Set(change.resources)].sort() }),
      ...(change.environments === undefined
        ? {}
        : { environments: [...new Set(change.environments)].sort() }),
    });
    this.#options.assigner.reconsider(uuid);
    return { type: 'ok', value: registry.view(saved), message: 'Updated agent.' };
  }

  async remove(uuid: string): Promise<CommandOutcome> {
    const { registry, board, writer } = this.#context;
    const agent = registry.get(uuid);
    if (agent === undefined)
      return { type: 'not-found', message: `Agent with uuid '${uuid}' was not found!` };
    const isGone = agent.runtime === 'missing' || agent.runtime === 'lost-contact';
    const isBusy =
      board.onAgent(uuid) !== undefined || agent.runtime === 'building' || agent.runtime === 'cancelled';
    if (agent.pending || (!isGone && (isBusy || !agent.record.disabled))) {
      return {
        type: 'invalid',
        message: 'Failed to delete an agent, as it is not in a disabled state or is still building.',
      };
    }
    await writer.run(({ agents }) => agents.remove(uuid));
    registry.remove(uuid);
    this.#options.assigner.reconsider(uuid);
    return { type: 'ok', value: undefined, message: `Deleted 1 agent(s).` };
  }

  /** What an agent said meanwhile about itself is not lost: only the record is replaced. */
  async #save(record: AgentRecord): Promise<LiveAgent> {
    await this.#context.writer.run(({ agents }) => agents.save(record));
    return this.#context.registry.put(record, false);
  }
}

function isElastic({ elasticAgentId, elasticPluginId }: RegistrationForm): boolean {
  return elasticAgentId.trim() !== '' && elasticPluginId.trim() !== '';
}

function changeProblem(
  agent: LiveAgent,
  change: AgentChange,
): { readonly field: string; readonly message: string } | undefined {
  if (agent.pending && change.configState === undefined) {
    const message = 'Pending agent must be enabled or disabled before anything else of it is changed.';
    return { field: 'agent_config_state', message };
  }
  if (change.hostName?.trim() === '')
    return { field: 'hostname', message: 'The hostname of an agent cannot be blank.' };
  if (agent.record.elastic !== undefined && change.resources !== undefined) {
    const message = `Resources on elastic agents with uuids [${agent.record.uuid}] can not be updated.`;
    return { field: 'resources', message };
  }
  const message = change.resources?.map(resourceProblem).find((problem) => problem !== undefined);
  return message === undefined ? undefined : { field: 'resources', message };
}
