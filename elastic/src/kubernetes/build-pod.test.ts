import { systemClock } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { buildPod, checkPod } from './build-pod.ts';
import { kubernetesProvider } from './provider.ts';

async function build(profile: Record<string, string>, cluster: Record<string, string> = {}) {
  const given = { kubernetes_cluster_url: 'http://127.0.0.1:1', ...cluster };
  const made = await testCluster(kubernetesProvider, given, String(systemClock.now()));
  return buildPod(made.order('ga-1', profile), made.cluster.properties);
}

test('a pod of properties', async () => {
  const pod = await build({
    image: 'agent:1',
    command: 'go-agent\nrun',
    environment: 'A=1',
    max_memory: '2G',
    reserved_memory: '1G',
    cpus: '1.5',
    reserved_cpus: '0.5',
    service_account: 'builder',
    node_selector: 'disk=ssd',
    image_pull_secrets: 'registry',
    annotations: 'why=ci',
    privileged: 'true',
  });
  expect(pod).toMatchObject({
    kind: 'Pod',
    metadata: { name: 'ga-1', namespace: 'default', annotations: { why: 'ci' } },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: 'builder',
      nodeSelector: { disk: 'ssd' },
      imagePullSecrets: [{ name: 'registry' }],
      containers: [
        {
          name: 'agent',
          image: 'agent:1',
          command: ['go-agent', 'run'],
          resources: {
            limits: { memory: '2147483648', cpu: '1500m' },
            requests: { memory: '1073741824', cpu: '500m' },
          },
          securityContext: { privileged: true },
        },
      ],
    },
  });
  expect(pod.spec?.containers[0]?.env).toContainEqual({ name: 'A', value: '1' });
});

const SIDECARS = `
metadata: {labels: {team: blue}}
spec:
  nodeSelector: {zone: a}
  containers:
    - {name: db, image: "postgres:17"}
    - name: agent
      image: agent:1
      env: [{name: TZ, value: UTC}, {name: GO_SERVER_URL, value: wrong}]
`;

test('a profile is laid over the template of the cluster, and only the container of the agent gets the key', async () => {
  const pod = await build(
    {
      pod: 'spec: {containers: [{name: agent, image: "agent:2"}, {name: cache, image: redis}]}',
      node_selector: 'disk=ssd',
    },
    { pod_template: SIDECARS, labels: 'owner=me' },
  );
  expect(pod.metadata?.labels).toMatchObject({ team: 'blue', owner: 'me', 'go-agent.agent': 'ga-1' });
  expect(pod.spec?.nodeSelector).toEqual({ zone: 'a', disk: 'ssd' });
  expect(pod.spec?.containers.map(({ name, image }) => `${name}=${image}`)).toEqual([
    'db=postgres:17',
    'agent=agent:2',
    'cache=redis',
  ]);
  const [db, agent, cache] = pod.spec?.containers ?? [];
  expect(JSON.stringify([db, cache])).not.toContain(KEY);
  expect(agent?.env).toContainEqual({ name: 'TZ', value: 'UTC' });
  expect(agent?.env?.filter(({ name }) => name === 'GO_SERVER_URL')).toEqual([
    { name: 'GO_SERVER_URL', value: 'http://127.0.0.1:1/go' },
  ]);
});

test('a pod of one own with another name for the agent', async () => {
  const pod = await build({ pod: SIDECARS, agent_container: 'db' });
  expect(JSON.stringify(pod.spec?.containers[0])).toContain(KEY);
  expect(JSON.stringify(pod.spec?.containers[1])).not.toContain(KEY);
});

test('what makes no pod is told before anything is made', async () => {
  await expect(build({})).rejects.toThrow('Container agent has no image');
  await expect(build({ pod: SIDECARS, agent_container: 'other' })).rejects.toThrow('it has db, agent');
  await expect(build({ pod: 'kind: Deployment\nspec: {}' })).rejects.toThrow('must be the YAML of one Pod');
  const made = await testCluster(kubernetesProvider, { kubernetes_cluster_url: 'http://127.0.0.1:1' }, '');
  const { profile } = made.order('ga-1', { pod: '{{ not: yaml' });
  expect(checkPod(profile)).toMatchObject([
    { key: 'pod', message: expect.stringContaining('pod is no YAML') as string },
  ]);
});
