// Cluster and elastic agent profiles through the API (reference: server-agents-jobs-elastic 3.1). Those of files are shown, and edited
// in their files.

import type { V5ClusterProfileChanged } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { ProfileEntry, ProfileProblem, ProfileSaved } from '../../core-elastic.ts';
import {
  type ClusterProfile,
  type ElasticAgentProfile,
  policyProblem,
  profileIdProblem,
} from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import { propertiesOf } from '../broker/elastic-shapes.ts';
import type { PluginHost } from '../plugin-host/plugin-host.ts';
import { checkProperties, type ProfilePlugin, type PropertyDraft } from './check-properties.ts';
import { refusedProperties } from './refused-properties.ts';
import type { StoredElasticProfiles } from './stored-profiles.ts';

export interface ProfileDeskParts {
  readonly scheduler: SchedulerContext;
  readonly stored: StoredElasticProfiles;
  readonly host: Pick<PluginHost, 'provider' | 'readyProvider'>;
  /** Takes stored profiles into force. */
  reload(): Promise<void>;
}

export type ClusterDraft = Omit<ClusterProfile, 'properties'> & {
  readonly properties: readonly PropertyDraft[];
};
export type ProfileDraft = Omit<ElasticAgentProfile, 'properties'> & {
  readonly properties: readonly PropertyDraft[];
};
type Change = 'create' | 'update';
type Kind = 'cluster' | 'profile';

export class ProfileDesk {
  readonly #parts: ProfileDeskParts;

  constructor(parts: ProfileDeskParts) {
    this.#parts = parts;
  }

  clusters(): ProfileEntry<ClusterProfile>[] {
    return this.#entries(this.#parts.scheduler.config().clusterProfiles, this.#parts.stored.current.clusters);
  }

  profiles(): ProfileEntry<ElasticAgentProfile>[] {
    return this.#entries(this.#parts.scheduler.config().elasticProfiles, this.#parts.stored.current.profiles);
  }

  async saveCluster(draft: ClusterDraft, change: Change): Promise<ProfileSaved<ClusterProfile>> {
    const before = this.clusters().find(({ value }) => value.id === draft.id);
    const refused = refusal('Cluster profile', draft.id, before, change);
    if (refused !== undefined) return refused;
    const invalid = this.#refusing('cluster', draft.pluginId, draft.properties);
    const problem = profileIdProblem('cluster profile', draft.id);
    if (problem !== undefined) return invalid([{ key: 'id', message: problem }]);
    const plugin = await this.#parts.host.readyProvider(draft.pluginId);
    if (plugin === undefined) return invalid([missingPlugin('plugin_id', draft.pluginId)]);
    const checked = await this.#check(plugin, 'cluster', draft.properties, {});
    if (checked.type === 'problems') return invalid(checked.own, checked.ofProperties);
    const cluster = { ...draft, properties: checked.value };
    const { scheduler, stored, reload } = this.#parts;
    await stored.saveCluster(scheduler.writer, cluster);
    await reload();
    this.#tellSaved(before?.value, cluster);
    return { type: 'ok', value: cluster };
  }

  async saveProfile(draft: ProfileDraft, change: Change): Promise<ProfileSaved<ElasticAgentProfile>> {
    const before = this.profiles().find(({ value }) => value.id === draft.id);
    const refused = refusal('Elastic agent profile', draft.id, before, change);
    if (refused !== undefined) return refused;
    const cluster = this.clusters().find(({ value }) => value.id === draft.clusterProfileId)?.value;
    const invalid = this.#refusing('profile', cluster?.pluginId, draft.properties);
    const idProblem = profileIdProblem('elastic agent profile', draft.id);
    const policy = policyProblem(draft.policy);
    if (idProblem !== undefined) return invalid([{ key: 'id', message: idProblem }]);
    if (policy !== undefined) return invalid([{ key: 'policy', message: policy }]);
    if (cluster === undefined) {
      const message = `No Cluster Profile exists with the specified cluster_profile_id '${draft.clusterProfileId}'.`;
      return invalid([{ key: 'cluster_profile_id', message }]);
    }
    const plugin = await this.#parts.host.readyProvider(cluster.pluginId);
    if (plugin === undefined) return invalid([missingPlugin('cluster_profile_id', cluster.pluginId)]);
    const { scheduler, stored, reload } = this.#parts;
    const clear = propertiesOf(cluster.properties, scheduler.secrets);
    const checked = await this.#check(plugin, 'profile', draft.properties, clear);
    if (checked.type === 'problems') return invalid(checked.own, checked.ofProperties);
    const profile = { ...draft, properties: checked.value };
    await stored.saveProfile(scheduler.writer, profile);
    await reload();
    return { type: 'ok', value: profile };
  }

  async removeCluster(id: string): Promise<ProfileSaved<string>> {
    const entry = this.clusters().find(({ value }) => value.id === id);
    const refused = refusal('Cluster profile', id, entry, 'update');
    if (refused !== undefined) return refused;
    const users = this.profiles().filter(({ value }) => value.clusterProfileId === id);
    if (users.length > 0) {
      const names = users.map(({ value }) => value.id).join(', ');
      return {
        type: 'refused',
        message: `The cluster profile '${id}' is being referenced by elastic agent profile(s): [${names}].`,
      };
    }
    const { scheduler, stored, reload } = this.#parts;
    await stored.remove(scheduler.writer, 'cluster', id);
    await reload();
    this.#tellSaved(entry?.value, undefined);
    return { type: 'ok', value: `The cluster profile '${id}' was deleted successfully.` };
  }

  async removeProfile(id: string): Promise<ProfileSaved<string>> {
    const entry = this.profiles().find(({ value }) => value.id === id);
    const refused = refusal('Elastic agent profile', id, entry, 'update');
    if (refused !== undefined) return refused;
    const jobs = this.usages(id);
    if (jobs.length > 0) {
      const names = jobs.map(({ pipeline, stage, job }) => `${pipeline}/${stage}/${job}`).join(', ');
      return {
        type: 'refused',
        message: `The elastic agent profile '${id}' is being referenced by job(s): [${names}].`,
      };
    }
    const { scheduler, stored, reload } = this.#parts;
    await stored.remove(scheduler.writer, 'profile', id);
    await reload();
    return { type: 'ok', value: `The elastic agent profile '${id}' was deleted successfully.` };
  }

  usages(id: string): { readonly pipeline: string; readonly stage: string; readonly job: string }[] {
    return this.#parts.scheduler
      .config()
      .pipelines.flatMap((pipeline) =>
        pipeline.stages.flatMap((stage) =>
          stage.jobs
            .filter(({ elasticProfileId }) => elasticProfileId === id)
            .map((job) => ({ pipeline: pipeline.name, stage: stage.name, job: job.name })),
        ),
      );
  }

  #entries<T extends { readonly id: string }>(all: readonly T[], stored: readonly T[]): ProfileEntry<T>[] {
    const ids = new Set(stored.map(({ id }) => id));
    const entries = all.map((value) => ({
      value,
      origin: ids.has(value.id) ? ('api' as const) : ('file' as const),
    }));
    return entries.sort((a, b) => (a.value.id < b.value.id ? -1 : 1));
  }

  async #check(
    plugin: ProfilePlugin,
    kind: Kind,
    drafts: readonly PropertyDraft[],
    clusterProperties: Readonly<Record<string, string>>,
  ) {
    const { secrets } = this.#parts.scheduler;
    try {
      const { properties, problems } = await checkProperties({
        plugin,
        kind,
        drafts,
        clusterProperties,
        secrets,
      });
      if (problems.length === 0) return { type: 'ok' as const, value: properties };
      const { own = [], ofProperties = [] } = Object.groupBy(problems, ({ key }) =>
        key === undefined ? 'own' : 'ofProperties',
      );
      return { type: 'problems' as const, own, ofProperties };
    } catch (error) {
      const message = `The plugin could not check it: ${describeError(error)}`;
      return { type: 'problems' as const, own: [{ message }], ofProperties: [] };
    }
  }

  #refusing(kind: Kind, pluginId: string | undefined, drafts: readonly PropertyDraft[]) {
    const { host, scheduler } = this.#parts;
    return (own: readonly ProfileProblem[], ofProperties: readonly ProfileProblem[] = []) => {
      const plugin = pluginId === undefined ? undefined : host.provider(pluginId);
      const fields = (kind === 'cluster' ? plugin?.clusterFields : plugin?.profileFields) ?? [];
      const seal = (plain: string) => scheduler.secrets.seal(plain);
      const properties = refusedProperties(drafts, ofProperties, fields, seal);
      return { type: 'invalid' as const, problems: own, properties };
    };
  }

  /** GoCD's cluster-profile-changed (reference 3.7): another plugin is told of one that is new, the old one of one that is gone. */
  #tellSaved(before: ClusterProfile | undefined, after: ClusterProfile | undefined): void {
    const tell = (pluginId: string, change: V5ClusterProfileChanged) =>
      this.#parts.host.provider(pluginId)?.clusterSaved(change);
    const clear = (cluster: ClusterProfile) =>
      propertiesOf(cluster.properties, this.#parts.scheduler.secrets);
    if (before !== undefined && after !== undefined && before.pluginId === after.pluginId) {
      tell(after.pluginId, {
        status: 'updated',
        old_cluster_profiles_properties: clear(before),
        cluster_profiles_properties: clear(after),
      });
      return;
    }
    if (after !== undefined)
      tell(after.pluginId, { status: 'created', cluster_profiles_properties: clear(after) });
    if (before !== undefined)
      tell(before.pluginId, { status: 'deleted', cluster_profiles_properties: clear(before) });
  }
}

function refusal(
  what: string,
  id: string,
  entry: ProfileEntry<unknown> | undefined,
  change: Change,
): Exclude<ProfileSaved<never>, { readonly type: 'ok' }> | undefined {
  if (change === 'create')
    return entry === undefined ? undefined : { type: 'refused', message: `${what} '${id}' already exists.` };
  if (entry === undefined) return { type: 'not-found', message: `${what} with id '${id}' was not found!` };
  return entry.origin === 'api'
    ? undefined
    : { type: 'refused', message: `${what} '${id}' is defined in a file; edit it there.` };
}

function missingPlugin(key: string, pluginId: string): ProfileProblem {
  return { key, message: `Plugin with id \`${pluginId}\` is not found.` };
}
