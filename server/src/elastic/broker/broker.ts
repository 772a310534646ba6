// Brings waiting jobs, plugins and elastic agents together. Everything that happens wakes it; it looks at the clusters that are
// concerned, decides (domain/elastic-turn.ts) and acts. It never waits for a plugin.

import type { CreateRegistrationKeyResult } from '@go-agent/protocol/elastic';
import type { Service } from '@go-agent/runtime/core';
import type { RegistrationForm, RegistrationOutcome } from '../../core.ts';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import { planTurn } from '../../domain/elastic-turn.ts';
import type { ElasticWait } from '../../domain/elastic-wait.ts';
import type { ElasticAgentView } from '../../domain/views.ts';
import type { Assigner } from '../../scheduler/assigner.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { ProviderSource } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { carryOut } from './carry-out.ts';
import { ClusterBook } from './cluster-book.ts';
import { elasticAgentView } from './elastic-agent-view.ts';
import { Fleet } from './fleet.ts';
import { createRegistrationKey, type KeyWish } from './key-desk.ts';
import { forgetMissingFor, tellLeftBehind } from './missing-plugin.ts';
import { Places } from './places.ts';
import { ProfileRests } from './profile-rests.ts';
import { Reconciler } from './reconcile.ts';
import { Registrar } from './registrar.ts';
import { revokeKey } from './revoke-key.ts';
import { survey } from './survey.ts';
import { Suspects } from './suspects.ts';
import { Tidings } from './tidings.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface BrokerOptions {
  readonly scheduler: SchedulerContext;
  readonly assigner: Assigner;
  readonly providers: ProviderSource;
  readonly serverUrl: string;
  /** There is something new to say of a waiting job. */
  waiting(jobId: number, wait: ElasticWait): void;
  agentChanged(agent: ElasticAgentView): void;
}

/** Whatever the decisions say, it does not spin. */
const LEAST_WAIT_MS = 10;
const NET_MS = 45_000;

export class Broker {
  readonly context: BrokerContext;
  readonly book = new ClusterBook();
  readonly #tell: BrokerOptions['agentChanged'];
  readonly #tidings: Tidings;
  readonly #registrar: Registrar;
  readonly #reconciler: Reconciler;
  readonly #dirty = new Set<string>();
  readonly #suspects = new Suspects();
  /** By plugin: when a job for it was last scheduled. */
  readonly #lastJob = new Map<string, number>();
  #bell = new AbortController();
  #nextAt = 0;

  constructor({ scheduler, assigner, providers, serverUrl, waiting, agentChanged }: BrokerOptions) {
    this.#tell = agentChanged;
    const fleet = new Fleet({
      writer: scheduler.writer,
      registry: scheduler.registry,
      changed: (agent) => this.#agentChanged(agent),
    });
    this.context = {
      scheduler,
      assigner,
      fleet,
      places: new Places(scheduler),
      waits: new WaitingRoom(waiting),
      rests: new ProfileRests(),
      providers,
      serverUrl,
      wake: (clusterId, why) => this.#wake(clusterId, why),
    };
    this.#tidings = new Tidings(this.context);
    this.#registrar = new Registrar(this.context, this.#tidings);
    this.#reconciler = new Reconciler(this.context, (...lost) => this.instanceFailed(...lost));
    assigner.grants.listen((uuid) => this.agentHeard(uuid));
  }

  /** What was there when the server stopped. @param jobs of each agent the last one */
  restore(agents: readonly ElasticAgentRecord[], jobs: readonly JobRecord[]): void {
    this.context.fleet.restore(agents);
    this.#tidings.restore(jobs);
  }

  register(form: RegistrationForm): Promise<RegistrationOutcome> {
    return this.#registrar.register(form);
  }

  createKey(pluginId: string, wish: KeyWish): Promise<CreateRegistrationKeyResult> {
    return createRegistrationKey(this.context, pluginId, wish, this.book.askedAs(wish));
  }

  /** After each commit, in order. */
  jobChanged(job: JobRecord): void {
    const { elasticProfileId } = job.requirement;
    if (elasticProfileId === undefined) return;
    const { jobId, state, agentUuid } = job.view;
    if (state !== 'scheduled') {
      this.context.waits.forget(jobId);
      forgetMissingFor(this.context.scheduler, jobId);
    }
    if (state === 'assigned' && agentUuid !== undefined) this.context.fleet.noteGiven(agentUuid);
    this.#tidings.job(job);
    if (agentUuid !== undefined) this.#tidings.live(agentUuid);
    const clusterId = this.#clusterOf(elasticProfileId);
    if (clusterId === undefined) return;
    const pluginId = this.#cluster(clusterId)?.pluginId;
    if (state === 'scheduled' && pluginId !== undefined)
      this.#lastJob.set(pluginId, this.context.scheduler.clock.monotonic());
    this.#wake(clusterId);
  }

  /** The agent asks for work, or what is known of it has changed. */
  agentHeard(uuid: string): void {
    const agent = this.context.fleet.byUuid(uuid);
    if (agent === undefined) return;
    this.#tidings.live(uuid);
    this.#wake(agent.clusterId, 'agents-changed');
  }

  /** The plugin has come up, gone down, or wants to be asked. */
  pluginChanged(pluginId: string, clusterId?: string): void {
    const { scheduler, waits } = this.context;
    const { clusterProfiles, elasticProfiles } = scheduler.config();
    for (const cluster of clusterProfiles) {
      if (cluster.pluginId !== pluginId || (clusterId !== undefined && clusterId !== cluster.id)) continue;
      const profiles = new Set(
        elasticProfiles.filter((profile) => profile.clusterProfileId === cluster.id).map(({ id }) => id),
      );
      for (const { view, requirement } of scheduler.board.waiting())
        if (profiles.has(requirement.elasticProfileId ?? ''))
          waits.makeDue(view.jobId, scheduler.clock.now());
      this.#wake(cluster.id);
    }
  }

  /** Milliseconds since a job for this plugin was scheduled; undefined: none yet. */
  quietMs(pluginId: string): number | undefined {
    const at = this.#lastJob.get(pluginId);
    return at === undefined ? undefined : Math.round(this.context.scheduler.clock.monotonic() - at);
  }

  configChanged(): void {
    for (const clusterId of this.#known()) this.#wake(clusterId, 'agents-changed');
  }

  /** An instance has ended before its agent registered, or after. */
  async instanceFailed(pluginId: string, agentId: string, reason: string): Promise<void> {
    const { fleet, scheduler, rests, waits } = this.context;
    const agent = fleet.byAgentId(pluginId, agentId);
    if (agent === undefined) return;
    if (agent.phase === 'starting') {
      rests.failed(agent.profileId, reason, scheduler.clock.now());
      await fleet.retire(agent.id, 'never-registered');
      if (agent.jobId !== undefined) waits.makeDue(agent.jobId, rests.of(agent.profileId)?.until ?? 0);
    } else this.#suspects.note(agent.id, scheduler.clock.monotonic());
    this.#wake(agent.clusterId, 'agents-changed');
  }

  /** As `revokeKey`. */
  revokeKey(pluginId: string, key: string, reason: string): Promise<boolean> {
    return revokeKey(this.context, pluginId, { key, reason });
  }

  /** Asks the plugin what there is, and puts right what does not agree. */
  async reconcile(pluginId: string): Promise<void> {
    const provider = this.context.providers.provider(pluginId);
    if (provider?.unavailable === undefined && provider !== undefined)
      await this.#reconciler.reconcile(provider);
  }

  readonly service: Service = {
    name: 'elastic-broker',
    run: async (signal) => {
      const { clock, logger } = this.context.scheduler;
      this.configChanged();
      while (!signal.aborted) {
        if (this.#nextAt <= clock.now()) this.#nextAt = clock.now() + NET_MS;
        this.#nextAt = Math.min(this.#nextAt, clock.now() + this.#suspects.settle(this.context));
        const due = [...this.#dirty];
        this.#dirty.clear();
        this.#bell = new AbortController();
        for (const clusterId of due) {
          await this.#turn(clusterId).catch((error: unknown) =>
            logger.error(
              { err: error, cluster: clusterId },
              'Looking after elastic agents failed; it is tried again',
            ),
          );
        }
        if (this.#dirty.size > 0) continue;
        const wait = Math.max(LEAST_WAIT_MS, this.#nextAt - clock.now());
        const slept = await clock.sleep(wait, AbortSignal.any([signal, this.#bell.signal]));
        if (slept) for (const clusterId of this.#known()) this.#wake(clusterId);
      }
    },
  };

  async #turn(clusterId: string): Promise<void> {
    const { providers } = this.context;
    tellLeftBehind(this.context);
    const cluster = this.#cluster(clusterId);
    if (cluster === undefined) return;
    const provider = providers.provider(cluster.pluginId);
    const plan = planTurn(survey(this.context, this.book, clusterId, true));
    this.#nextAt = Math.min(this.#nextAt, plan.nextAt);
    await carryOut({ context: this.context, book: this.book, cluster, provider }, plan);
  }

  #known(): Set<string> {
    const { scheduler, fleet } = this.context;
    const configured = scheduler.config().clusterProfiles.map(({ id }) => id);
    return new Set([...configured, ...fleet.all().map(({ clusterId }) => clusterId)]);
  }

  #cluster(id: string): ClusterProfile | undefined {
    const { scheduler, fleet } = this.context;
    const current = scheduler.config().clusterProfiles.find((cluster) => cluster.id === id);
    // Agents of a cluster that is gone are still to be stopped.
    return current ?? fleet.all().find(({ clusterId }) => clusterId === id)?.cluster;
  }

  #clusterOf(profileId: string): string | undefined {
    return this.context.scheduler.config().elasticProfiles.find(({ id }) => id === profileId)
      ?.clusterProfileId;
  }

  #agentChanged(agent: ElasticAgentRecord): void {
    const isGone = this.context.fleet.get(agent.id) === undefined;
    this.#tell(elasticAgentView(agent, isGone));
    if (isGone) {
      this.#tidings.agent(agent, 'gone');
      if (agent.uuid !== undefined) this.context.assigner.grants.forget(agent.uuid);
    }
    if (agent.phase === 'retiring' && agent.uuid !== undefined) this.context.assigner.reconsider(agent.uuid);
    this.#wake(agent.clusterId, 'agents-changed');
  }

  #wake(clusterId: string, why?: 'agents-changed'): void {
    if (why === 'agents-changed') this.book.cluster(clusterId).changed = true;
    this.#dirty.add(clusterId);
    this.#bell.abort();
  }
}
