import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { playDay } from '../testing/play-day.ts';
import { noPodman, type Podman, startPodman } from '../testing/podman.ts';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { dockerProvider as provider } from './provider.ts';

const missing = noPodman();
const never = new AbortController().signal;
const resources = new AsyncDisposableStack();
let podman: Podman;
let folder: string;

if (missing !== undefined) console.log(`Skipped: Docker provider on Podman: ${missing}`);

beforeAll(async () => {
  if (missing !== undefined) return;
  folder = resources.use(await tempDir()).path;
  podman = resources.use(await startPodman(folder));
}, 120_000);

afterAll(() => resources.disposeAsync(), 120_000);

const open = (more: Record<string, string> = {}, clusterId?: string) =>
  testCluster(provider, { docker_uri: podman.uri, stop_grace: '1s', ...more }, folder, clusterId);

/** An agent that says what it sees, and goes on until it is told to end. */
const profile = (more: Record<string, string> = {}) => ({
  image: podman.image,
  command: "/bin/sh\n-c\n/bin/env; trap 'exit 0' TERM; while true; do /bin/sleep 0.1; done",
  networks: 'host',
  init: 'false',
  ...more,
});

test.skipIf(missing)(
  'an agent runs in a container with its registration, and goes with all that is left of it',
  async () => {
    const { cluster, order } = await open({ server_url: 'http://10.0.0.1:8153/go' });
    const id = 'ga-one';
    expect(await provider.create(order(id, profile({ environment: 'MORE=yes' })), cluster, never)).toEqual({
      type: 'created',
    });
    expect(await provider.list(cluster, never)).toMatchObject([
      { agentId: id, state: 'running', profileId: 'small' },
    ]);
    const output = await waitFor(async () => {
      const text = await podman.podman('logs', id);
      return text.includes('MORE=yes') && text;
    });
    expect(output).toContain(`GO_EA_AUTO_REGISTER_KEY=${KEY}\n`);
    expect(output).toContain(`GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID=${id}\n`);
    expect(output).toContain('GO_EA_SERVER_URL=http://10.0.0.1:8153/go\n');
    expect(output).toContain('GO_SERVER_URL=http://10.0.0.1:8153/go\n');
    await provider.remove(id, cluster, never);
    expect(await provider.list(cluster, never)).toEqual([]);
    await provider.remove(id, cluster, never);
  },
);

test.skipIf(missing)('the same order twice makes one container', async () => {
  const { cluster, order } = await open();
  await provider.create(order('ga-twice', profile()), cluster, never);
  expect(await provider.create(order('ga-twice', profile()), cluster, never)).toEqual({ type: 'created' });
  expect(await provider.list(cluster, never)).toHaveLength(1);
  await provider.remove('ga-twice', cluster, never);
});

test.skipIf(missing)(
  'limits, mounts, hosts and labels are those of the profile and the cluster',
  async () => {
    const { cluster, order } = await open({ labels: 'team=blue' });
    const source = await tempDir();
    await using _source = source;
    const wanted = profile({
      max_memory: '64M',
      reserved_memory: '32M',
      cpus: '0.5',
      mounts: `${source.path}:/mnt/source:ro`,
      hosts: 'db.example.com:10.1.2.3',
      ulimits: 'nofile=1000:2000\nnproc=10000:10000',
    });
    expect(await provider.create(order('ga-limits', wanted), cluster, never)).toEqual({ type: 'created' });
    const [seen] = JSON.parse(await podman.podman('inspect', 'ga-limits')) as {
      HostConfig: Record<string, unknown>;
      Config: { Labels: Record<string, string> };
      Mounts: Record<string, unknown>[];
    }[];
    expect(seen?.HostConfig).toMatchObject({
      Memory: 64 << 20,
      MemoryReservation: 32 << 20,
      NanoCpus: 5e8,
      ExtraHosts: ['db.example.com:10.1.2.3'],
      Privileged: false,
    });
    expect(seen?.Mounts).toMatchObject([{ Source: source.path, Destination: '/mnt/source', RW: false }]);
    expect(seen?.Config.Labels).toMatchObject({
      team: 'blue',
      'go-agent.server': 'server-1',
      'go-agent.agent': 'ga-limits',
    });
    await provider.remove('ga-limits', cluster, never);
  },
);

test.skipIf(missing)('containers that were never started, or have ended, are found and removed', async () => {
  const { cluster, order } = await open();
  const labels = Object.entries(cluster.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  await podman.podman(
    'create',
    '--name',
    'ga-left',
    ...labels,
    '--label',
    'go-agent.agent=ga-left',
    podman.image,
    '/bin/sh',
  );
  await provider.create(order('ga-ended', profile({ command: '/bin/sh\n-c\nexit 3' })), cluster, never);
  await waitFor(async () => (await provider.list(cluster, never)).some(({ state }) => state === 'ended'));
  const found = await provider.list(cluster, never);
  expect(new Map(found.map(({ agentId, state }) => [agentId, state]))).toEqual(
    new Map([
      ['ga-left', 'starting'],
      ['ga-ended', 'ended'],
    ]),
  );
  for (const { agentId } of found) await provider.remove(agentId, cluster, never);
  expect((await podman.podman('ps', '--all', '--quiet')).trim()).toBe('');
});

test.skipIf(missing)('the end of a container is told at once', async () => {
  const { cluster, order } = await open();
  const stop = new AbortController();
  let changes = 0;
  const watching = provider.watch?.(cluster, () => changes++, stop.signal);
  await provider.create(order('ga-watched', profile()), cluster, never);
  await waitFor(() => changes > 0);
  const before = changes;
  await podman.podman('kill', 'ga-watched');
  await waitFor(() => changes > before);
  stop.abort();
  await watching;
  await provider.remove('ga-watched', cluster, never);
});

test.skipIf(missing)("another cluster's containers are neither listed nor removed", async () => {
  const mine = await open();
  const other = await open({}, 'c2');
  await provider.create(mine.order('ga-mine', profile()), mine.cluster, never);
  expect(await provider.list(other.cluster, never)).toEqual([]);
  await provider.remove('ga-mine', other.cluster, never);
  expect(await provider.list(mine.cluster, never)).toHaveLength(1);
  await provider.remove('ga-mine', mine.cluster, never);
});

test.skipIf(missing)('an image that is not there is a reason, and leaves no container', async () => {
  const { cluster, order } = await open({ pull: 'never' });
  const refused = await provider.create(
    order('ga-none', profile({ image: 'localhost/nothing:1' })),
    cluster,
    never,
  );
  expect(refused).toEqual({
    type: 'refused',
    reason: 'Image localhost/nothing:1 is not on the Docker host, and is not to be pulled',
  });
  const bad = await provider.create(order('ga-bad', profile({ command: '/bin/nothing' })), cluster, never);
  expect(bad).toMatchObject({
    type: 'refused',
    reason: expect.stringMatching(/^Docker refuses the container: /) as string,
  });
  expect(await provider.list(cluster, never)).toEqual([]);
});

test.skipIf(missing)(
  'a whole day breaks no rule, and leaves no container',
  { timeout: 240_000 },
  async () => {
    const cluster = { docker_uri: podman.uri, stop_grace: '1s', labels: 'day=one' };
    const { violations, done } = await playDay(provider, cluster, profile(), 6);
    expect(violations).toEqual([]);
    expect(done.agents).toBeGreaterThan(1);
    expect((await podman.podman('ps', '--all', '--quiet', '--filter', 'label=day=one')).trim()).toBe('');
  },
);

test('a Docker that does not answer is a failure that may pass, not an empty list', async () => {
  await using nowhere = await tempDir();
  const { cluster } = await testCluster(
    provider,
    { docker_uri: `unix://${join(nowhere.path, 'no.sock')}` },
    nowhere.path,
  );
  await expect(provider.list(cluster, never)).rejects.toMatchObject({
    code: 'elastic-docker',
    retryable: true,
  });
});
