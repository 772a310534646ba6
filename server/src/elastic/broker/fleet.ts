// All elastic agents, from their keys to their ends: in the database, and the same in memory.

import type { StopReason } from '@go-agent/protocol/elastic';
import type { AgentRegistry } from '../../core/agents/agent-registry.ts';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { Writer } from '../../scheduler/writer.ts';
import type { AgentRecord } from '../../store/agent-repository.ts';
import type { ElasticAgentRecord, ElasticAgentRepository } from '../../store/elastic-agent-repository.ts';

/** Of one agent; the oldest go. A plugin that never makes any is asked for days. */
const MOST_KEYS = 100;

export interface FleetParts {
  readonly writer: Writer;
  readonly registry: AgentRegistry;
  /** After each change of an agent. */
  changed(agent: ElasticAgentRecord): void;
}

export class Fleet {
  readonly #parts: FleetParts;
  readonly #agents = new Map<number, ElasticAgentRecord>();
  readonly #byUuid = new Map<string, number>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  restore(records: readonly ElasticAgentRecord[]): void {
    for (const record of records) this.#put(record);
  }

  all(): ElasticAgentRecord[] {
    return [...this.#agents.values()];
  }

  get(id: number): ElasticAgentRecord | undefined {
    return this.#agents.get(id);
  }

  byUuid(uuid: string): ElasticAgentRecord | undefined {
    const id = this.#byUuid.get(uuid);
    return id === undefined ? undefined : this.#agents.get(id);
  }

  byAgentId(pluginId: string, agentId: string): ElasticAgentRecord | undefined {
    return this.all().find((agent) => agent.pluginId === pluginId && agent.agentId === agentId);
  }

  byKeyHash(keyHash: string): ElasticAgentRecord | undefined {
    return this.all().find((agent) => agent.keyHash?.split(' ').includes(keyHash));
  }

  /**
   * One more, if `refusal` sees nothing against it in the turn of the transaction: no two keys are made from one free place.
   * Answers the refusal otherwise.
   */
  async add<R>(
    draft: Omit<ElasticAgentRecord, 'id'>,
    refusal: () => R | undefined,
    taken: () => R,
  ): Promise<ElasticAgentRecord | R> {
    return this.#parts.writer.run<ElasticAgentRecord | R>(async ({ elasticAgents }, changes) => {
      const refused = refusal();
      if (refused !== undefined) return refused;
      const record = await elasticAgents.insert(draft);
      if (record === undefined) return taken();
      changes.afterwards.push(() => this.#changed(record));
      return record;
    });
  }

  /**
   * A further key for the same agent, good for its whole time; those before are good as long, should one be used after all (v5). When the
   * agent is given up stays as it was. False: it is not awaited any more.
   */
  async addKey(id: number, hash: string, expiresAt: number): Promise<boolean> {
    return this.#parts.writer.run(async ({ elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known?.keyHash === undefined || known.phase !== 'starting') return false;
      const keyHash = [...known.keyHash.split(' '), hash].slice(-MOST_KEYS).join(' ');
      const keyExpiresAt = Math.max(known.keyExpiresAt, expiresAt);
      await elasticAgents.setKeys(id, keyHash, keyExpiresAt);
      changes.afterwards.push(() => this.#changed({ ...known, keyHash, keyExpiresAt }));
      return true;
    });
  }

  /** A key that was not used is void; with its last one the agent is gone. True: it is. */
  async dropKey(id: number, keyHash: string): Promise<boolean> {
    return this.#parts.writer.run(async ({ elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known?.keyHash === undefined || known.uuid !== undefined) return false;
      const hashes = known.keyHash.split(' ').filter((hash) => hash !== keyHash);
      const left = hashes.join(' ');
      if (left === '') await elasticAgents.remove(id);
      else await elasticAgents.setKeys(id, left, known.keyExpiresAt);
      changes.afterwards.push(() => {
        if (left !== '') return this.#changed({ ...known, keyHash: left });
        this.#agents.delete(id);
        this.#parts.changed(known);
      });
      return left === '';
    });
  }

  /**
   * Spends the key and stores the agent, both or none: on its way out if the draft is disabled. False: the key was spent before. Other
   * keys for it stay good: a plugin that was asked twice may have made two, and the second, which nobody needs, is on its way out before
   * it comes (v5).
   */
  async register(
    id: number,
    { agentId, keyHash }: { readonly agentId: string; readonly keyHash: string },
    draft: (agent: ElasticAgentRecord) => AgentRecord,
  ): Promise<boolean> {
    return this.#parts.writer.run(async ({ agents, elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known === undefined) return false;
      const record = draft(known);
      const isWanted = !record.disabled;
      if (!(await elasticAgents.register(id, { agentId, uuid: record.uuid }, isWanted))) return false;
      await agents.save(record);
      const others = known.keyHash?.split(' ').filter((hash) => hash !== keyHash) ?? [];
      const second =
        others.length === 0 ? undefined : await this.#split(elasticAgents, known, keyHash, others);
      const { stopReason: _, ...wanted } = known;
      changes.afterwards.push(() => {
        this.#parts.registry.put(record, false);
        const after = isWanted ? { ...wanted, phase: 'registered' as const } : known;
        this.#changed({ ...after, agentId, uuid: record.uuid, keyHash });
        if (second !== undefined) this.#changed(second);
      });
      return true;
    });
  }

  /** From now on it gets no job. False: it has one just now, or is not there. Compare-and-set against the assignment. */
  async retire(id: number, reason: StopReason): Promise<boolean> {
    return this.#parts.writer.run(async ({ agents, elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known === undefined || !(await elasticAgents.retire(id, reason))) return false;
      const live = known.uuid === undefined ? undefined : this.#parts.registry.get(known.uuid);
      if (live !== undefined) await agents.save({ ...live.record, disabled: true });
      changes.afterwards.push(() => {
        if (live !== undefined) this.#parts.registry.put({ ...live.record, disabled: true }, false);
        this.#changed({ ...known, phase: 'retiring', stopReason: reason });
      });
      return true;
    });
  }

  /** It takes on the environment of its first job. */
  async adopt(id: number, environment: string): Promise<void> {
    await this.#parts.writer.run(async ({ agents, elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      const live = known?.uuid === undefined ? undefined : this.#parts.registry.get(known.uuid);
      if (known === undefined || live === undefined) return;
      const record = { ...live.record, environments: [environment] };
      await elasticAgents.adopt(id, environment);
      await agents.save(record);
      changes.afterwards.push(() => {
        this.#parts.registry.put(record, false);
        this.#changed({ ...known, environment });
      });
    });
  }

  /** It was found with this version of its cluster's profile: there it is to be looked for and stopped. */
  async found(id: number, cluster: ClusterProfile): Promise<void> {
    await this.#parts.writer.run(async ({ elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known === undefined) return;
      await elasticAgents.setCluster(id, cluster);
      changes.afterwards.push(() => this.#put({ ...known, cluster }));
    });
  }

  /** It is gone for good, and so is its registration. */
  async remove(id: number): Promise<void> {
    await this.#parts.writer.run(async ({ agents, elasticAgents }, changes) => {
      const known = this.#agents.get(id);
      if (known === undefined) return;
      const { uuid } = known;
      await elasticAgents.remove(id);
      if (uuid !== undefined) await agents.remove(uuid);
      changes.afterwards.push(() => {
        this.#agents.delete(id);
        if (uuid !== undefined) {
          this.#byUuid.delete(uuid);
          this.#parts.registry.remove(uuid);
        }
        this.#parts.changed(known);
      });
    });
  }

  /** The assignment has counted one more job of this agent. */
  noteGiven(uuid: string): void {
    const known = this.byUuid(uuid);
    if (known !== undefined) this.#changed({ ...known, jobsGiven: known.jobsGiven + 1 });
  }

  async #split(
    elasticAgents: ElasticAgentRepository,
    { id, ...known }: ElasticAgentRecord,
    used: string,
    others: readonly string[],
  ): Promise<ElasticAgentRecord | undefined> {
    await elasticAgents.setKeys(id, used, known.keyExpiresAt);
    return elasticAgents.insert({
      ...known,
      keyHash: others.join(' '),
      phase: 'retiring',
      stopReason: 'not-needed',
    });
  }

  #changed(record: ElasticAgentRecord): void {
    this.#put(record);
    this.#parts.changed(record);
  }

  #put(record: ElasticAgentRecord): void {
    this.#agents.set(record.id, record);
    if (record.uuid !== undefined) this.#byUuid.set(record.uuid, record.id);
  }
}
