// Admits elastic agents: by a key made for them, once (reference: server-agents-jobs-elastic 1.6; docs/elastic.md).

import { randomUUID } from 'node:crypto';
import type { RegistrationForm, RegistrationOutcome } from '../../core.ts';
import type { AgentRecord } from '../../store/agent-repository.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { BrokerContext } from './broker-context.ts';
import { keyHash } from './key-desk.ts';
import type { Tidings } from './tidings.ts';

export class Registrar {
  readonly #context: BrokerContext;
  readonly #tidings: Tidings;

  constructor(context: BrokerContext, tidings: Tidings) {
    this.#context = context;
    this.#tidings = tidings;
  }

  /** The token of the form has been checked; the uuid is not registered yet. */
  async register(form: RegistrationForm): Promise<RegistrationOutcome> {
    const { fleet, scheduler, rests } = this.#context;
    const agentId = form.elasticAgentId.trim();
    const pluginId = form.elasticPluginId.trim();
    const hash = keyHash(form.autoRegisterKey);
    const agent = fleet.byKeyHash(hash);
    if (agent === undefined || agent.pluginId !== pluginId || (agent.agentId ?? agentId) !== agentId) {
      const known = fleet.byAgentId(pluginId, agentId);
      if (known !== undefined)
        this.#tidings.agent(known, 'registration-failed', 'Its key is not the one made for it.');
      return refused(agentId, pluginId);
    }
    if (agent.uuid !== undefined) {
      // Whoever shows its key runs in the place of the agent that used it: that one has ended.
      scheduler.registry.apply(agent.uuid, 'silent');
      this.#tidings.agent(agent, 'registration-failed', 'It was started again, and its key was used before.');
      return refused(agentId, pluginId);
    }
    const environments = agent.environment === undefined ? [] : [agent.environment];
    const registered = await fleet.register(
      agent.id,
      { agentId, keyHash: hash },
      (known): AgentRecord => ({
        uuid: form.uuid,
        cookie: randomUUID(),
        hostName: form.autoRegisterHostName.trim() || form.hostName,
        ipAddress: form.ipAddress,
        location: form.location,
        operatingSystem: form.operatingSystem,
        elastic: { agentId, pluginId },
        // One that came too late, for a job that is over, say: it is let in, gets nothing, and is taken down in good order.
        disabled: !this.#isWanted(known),
        resources: [],
        environments,
        registeredAt: scheduler.clock.now(),
      }),
    );
    if (!registered) return refused(agentId, pluginId);
    rests.succeeded(agent.profileId);
    this.#tidings.agent(fleet.get(agent.id) ?? agent, 'registered');
    return { type: 'registered' };
  }

  /** A v5 plugin's agent was given up without its id, so nobody has ended it: with a key that is still good it may come for its job. */
  #isWanted({ phase, stopReason, agentId, keyExpiresAt, jobId = 0 }: ElasticAgentRecord): boolean {
    if (phase !== 'retiring') return true;
    const { board, clock } = this.#context.scheduler;
    const isLate = stopReason === 'never-registered' && agentId === undefined && clock.now() < keyExpiresAt;
    return isLate && board.byId(jobId)?.view.state === 'scheduled';
  }
}

/** The key itself stays out of the message: it would end up in logs. */
function refused(agentId: string, pluginId: string): RegistrationOutcome {
  return {
    type: 'rejected',
    message:
      'Elastic agent registration requires an auto-register agent key to be setup on the server. The agentAutoRegisterKey is ' +
      `either not provided or expired. Agent-id: [${agentId}], Plugin-id: [${pluginId}]`,
  };
}
