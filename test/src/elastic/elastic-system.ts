import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { startSystem } from '../harness/start-system.ts';
import type { Stages, TestSystem } from '../harness/test-system.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROVIDERS = join(ROOT, 'elastic', 'src');
const FAKE_PLUGIN = join(ROOT, 'server', 'src', 'elastic', 'testing', 'fake-plugin', 'main.ts');

export type Policy = Readonly<Record<string, number>>;
type Policies = Readonly<Record<string, Policy>>;

/** Where the agents of the profiles are made. */
export interface Making {
  readonly provider: 'process' | 'docker';
  readonly cluster: Readonly<Record<string, string>>;
  readonly profile: Readonly<Record<string, string>>;
}

export interface ElasticOptions {
  /** Static agents. Default: none. */
  readonly agents?: number;
  /** Default: as processes of this machine, which end with the server. */
  readonly making?: Making;
}

export interface ElasticSystem extends AsyncDisposable {
  readonly system: TestSystem;
  /** Elastic agents that the server knows. */
  agents(): Promise<readonly ElasticAgentShape[]>;
  elasticPipeline(name: string, stages: Stages): Promise<void>;
  /** Other policies, and more properties of the cluster, in one change. */
  reconfigure(policies: Policies, cluster: Readonly<Record<string, string>>): Promise<void>;
}

export interface ElasticAgentShape {
  readonly uuid: string;
  readonly agent_config_state: string;
  readonly agent_state: string;
  readonly sandbox: string;
  readonly elastic_agent_id?: string;
}

/** A server with a provider and profiles of the given policies, and a plugin `sleeper` with a profile of that name, which never answers. */
export async function startElasticSystem(
  policies: Policies,
  { agents = 0, making }: ElasticOptions = {},
): Promise<ElasticSystem> {
  const resources = new AsyncDisposableStack();
  try {
    const plugins = join(resources.use(await tempDir()).path, 'plugins');
    await mkdir(join(plugins, 'sleeper'), { recursive: true });
    const provider = making?.provider ?? 'process';
    await symlink(join(PROVIDERS, provider), join(plugins, provider));
    const sleeper = { id: 'sleeper', name: 'Sleeper', version: '1', dialect: 'rfc' };
    await writeFile(
      join(plugins, 'sleeper', 'plugin.json'),
      JSON.stringify({ ...sleeper, command: ['${node}', FAKE_PLUGIN, 'silent'] }),
    );
    const system = resources.use(await startSystem({ agents, serverArgs: ['--plugins', plugins] }));
    const properties = making?.cluster ?? {
      go_agent: join(system.folder, 'go-agent', 'go-agent.mjs'),
      stop_with_server: 'true',
    };
    const made = { cluster_profile_id: 'local', properties: making?.profile ?? {} };
    const reconfigure: ElasticSystem['reconfigure'] = async (all, more) => {
      const profiles = Object.entries(all).map(([name, policy]) => [name, { ...made, ...policy }] as const);
      const file = {
        format_version: 11,
        cluster_profiles: {
          local: { plugin_id: `go-agent.${provider}`, properties: { ...properties, ...more } },
          asleep: { plugin_id: 'sleeper' },
        },
        elastic_profiles: { ...Object.fromEntries(profiles), sleeper: { cluster_profile_id: 'asleep' } },
      };
      await system.writePipelineFile('elastic.gocd.yaml', JSON.stringify(file));
    };
    await reconfigure(policies, {});
    // They start when the server has read of their clusters.
    const statuses = () => system.api.get<readonly { readonly status: string }[]>('/api/elastic/plugins');
    await system.wait(async () => (await statuses()).every(({ status }) => status === 'ready'), {
      describe: 'the plugins to be ready',
    });
    return {
      system,
      agents: async () => {
        const all = (await system.agentShapes()) as unknown as ElasticAgentShape[];
        return all.filter(({ elastic_agent_id }) => elastic_agent_id !== undefined);
      },
      elasticPipeline: (name, stages) => system.definePipeline(name, stages),
      reconfigure,
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}
