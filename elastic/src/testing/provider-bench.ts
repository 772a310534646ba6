// What tests of providers share: a cluster and orders, without a server.
import { Secret, systemClock } from '@go-agent/runtime/core';
import { clusterLabels, Label } from '../sdk/labels.ts';
import type { AgentOrder, Cluster, Provider } from '../sdk/provider.ts';
import { type Fields, readValues, type Values } from '../sdk/schema.ts';

export interface TestCluster<CF extends Fields, PF extends Fields, K> {
  readonly cluster: Cluster<Values<CF>, K>;
  readonly log: string[];
  order(agentId: string, profile?: Readonly<Record<string, string>>): AgentOrder<Values<PF>>;
}

const SERVER_ID = 'server-1';
export const KEY = 'key-that-nobody-may-see';

/** Connects to a cluster as the kit would. @throws Error if the properties are not valid */
export async function testCluster<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
  properties: Readonly<Record<string, string>>,
  dataFolder: string,
  clusterId = 'c1',
): Promise<TestCluster<CF, PF, K>> {
  const log: string[] = [];
  const labels = clusterLabels(SERVER_ID, clusterId);
  const open = {
    id: clusterId,
    labels,
    properties: valid(provider.clusterSchema, properties),
    connection: undefined,
    tools: {
      clock: systemClock,
      log: (level: string, text: string) => void log.push(`${level} ${text}`),
      dataFolder,
    },
  };
  return {
    cluster: { ...open, connection: await provider.connect(open) },
    log,
    order: (agentId, profile = {}) => ({
      agentId,
      profileId: 'small',
      profile: valid(provider.profileSchema, profile),
      labels: { ...labels, [Label.agent]: agentId, [Label.profile]: 'small' },
      serverUrl: 'http://127.0.0.1:1/go',
      registration: {
        key: new Secret(KEY),
        properties: {
          'agent.auto.register.key': KEY,
          'agent.auto.register.elasticAgent.agentId': agentId,
          'agent.auto.register.elasticAgent.pluginId': provider.id,
        },
        variables: { GO_EA_AUTO_REGISTER_KEY: KEY, GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID: agentId },
      },
    }),
  };
}

function valid<F extends Fields>(fields: F, properties: Readonly<Record<string, string>>): Values<F> {
  const read = readValues(fields, properties);
  if (read.ok) return read.values;
  throw new Error(read.problems.map(({ message }) => message).join(' '));
}
