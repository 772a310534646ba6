import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { leftovers, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { processProvider } from './provider.ts';

const never = new AbortController().signal;

/** Stands for the bootstrapper: says how it was started, has a child as an agent has, and ends when it is told to. */
const FAKE_GO_AGENT = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
const mode = process.env.FAKE_MODE;
if (mode === 'fails') {
  console.log('fake go-agent starts');
  console.log('go-agent: the server is not there');
  process.exit(1);
}
const child = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1000)'], {
  detached: true,
  stdio: ['ignore', 'pipe', 'ignore'],
});
process.on('SIGINT', () => {
  if (mode === 'stubborn') return;
  child.kill();
  process.exit(0);
});
// A process that is just being executed shows no environment yet: nobody would find the child.
child.stdout.once('data', () => {
  writeFileSync('started.json', JSON.stringify({ args, key: process.env.GO_EA_AUTO_REGISTER_KEY ?? null }));
});
setInterval(() => {}, 1000);
`;

/** Each test finds what it left behind by a variable of its own. */
const own = (folder: string) => `OWN=${folder}`;

async function bench(folder: string, properties: Record<string, string> = {}) {
  const goAgent = join(folder, 'go-agent.mjs');
  writeFileSync(goAgent, FAKE_GO_AGENT);
  const provider = processProvider({
    node: process.execPath,
    goAgent,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const homes = join(folder, 'homes');
  const made = await testCluster(provider, { homes, stop_grace: '5s', ...properties }, folder);
  const profile = { environment: own(folder) };
  const profileOf = (mode: string) => ({ environment: `${own(folder)}\nFAKE_MODE=${mode}` });
  return { ...made, provider, homes, profile, profileOf };
}

interface Started {
  readonly args: readonly string[];
  readonly key: string | null;
}

function started(home: string): Promise<Started> {
  return waitFor(() => JSON.parse(readFileSync(join(home, 'started.json'), 'utf8')) as Started);
}

test('an agent runs in a home of its own, with its key in a file for its user only', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, homes, profile } = await bench(folder.path);
  expect(await provider.create(order('a1', profile), cluster, never)).toEqual({ type: 'created' });
  const home = join(homes, 'a1');
  const { args, key } = await started(home);
  expect(args).toEqual(
    expect.arrayContaining(['run', '--home', home, '--server-url', 'http://127.0.0.1:1/go', '--set']),
  );
  expect(key).toBeNull();
  expect(args.join(' ')).not.toContain(KEY);
  const file = join(home, 'config', 'autoregister.properties');
  expect(readFileSync(file, 'utf8')).toContain(`agent.auto.register.key=${KEY}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect(await provider.list(cluster, never)).toMatchObject([
    { agentId: 'a1', state: 'running', profileId: 'small' },
  ]);
  await provider.remove('a1', cluster, never);
  expect(await readdir(homes)).toEqual([]);
  expect(leftovers(own(folder.path))).toEqual([]);
});

test('what a crash in the middle of a start leaves behind is listed, and removed', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, homes } = await bench(folder.path);
  const whole = order('a1');
  const crash = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('crash');
      },
    },
  );
  const cut = { ...whole, registration: { ...whole.registration, properties: crash } };
  await expect(provider.create(cut, cluster, never)).rejects.toThrow('crash');
  expect(await provider.list(cluster, never)).toMatchObject([{ agentId: 'a1', state: 'ended' }]);
  await provider.remove('a1', cluster, never);
  expect(await readdir(homes)).toEqual([]);
});

test('the same order twice makes one agent', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, homes, profile } = await bench(folder.path);
  await provider.create(order('a1', profile), cluster, never);
  await started(join(homes, 'a1'));
  const before = leftovers(own(folder.path)).length;
  expect(await provider.create(order('a1', profile), cluster, never)).toEqual({ type: 'created' });
  expect(leftovers(own(folder.path))).toHaveLength(before);
  await provider.remove('a1', cluster, never);
});

test('after a crash of the plugin, the next one finds the agent and ends it with all its processes', async () => {
  await using folder = await tempDir();
  const first = await bench(folder.path);
  await first.provider.create(first.order('a1', first.profile), first.cluster, never);
  await started(join(first.homes, 'a1'));
  const second = await bench(folder.path);
  expect(await second.provider.list(second.cluster, never)).toMatchObject([
    { agentId: 'a1', state: 'running' },
  ]);
  expect(leftovers(own(folder.path))).toHaveLength(2);
  await second.provider.remove('a1', second.cluster, never);
  expect(leftovers(own(folder.path))).toEqual([]);
  expect(await second.provider.list(second.cluster, never)).toEqual([]);
});

test('an agent that does not end by itself is killed when its time is over', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, homes, profileOf } = await bench(folder.path, { stop_grace: '0.2s' });
  await provider.create(order('a1', profileOf('stubborn')), cluster, never);
  await started(join(homes, 'a1'));
  await provider.remove('a1', cluster, never);
  expect(leftovers(own(folder.path))).toEqual([]);
});

test('the end of an agent is told at once, with its last words', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, profileOf } = await bench(folder.path);
  const stop = new AbortController();
  const changed = Promise.withResolvers<void>();
  const watching = provider.watch?.(cluster, changed.resolve, stop.signal);
  await provider.create(order('a1', profileOf('fails')), cluster, never);
  await changed.promise;
  expect(await provider.list(cluster, never)).toMatchObject([
    { agentId: 'a1', state: 'ended', detail: 'The process has ended: go-agent: the server is not there' },
  ]);
  stop.abort();
  await watching;
  await provider.remove('a1', cluster, never);
});

test("another cluster's agents are neither listed nor removed", async () => {
  await using folder = await tempDir();
  const { provider, cluster, order, homes, profile } = await bench(folder.path);
  await provider.create(order('a1', profile), cluster, never);
  await started(join(homes, 'a1'));
  const other = await testCluster(provider, { homes }, folder.path, 'c2');
  expect(await provider.list(other.cluster, never)).toEqual([]);
  await provider.remove('a1', other.cluster, never);
  expect(existsSync(join(homes, 'a1'))).toBe(true);
  await provider.remove('a1', cluster, never);
});

test('agents that are to end with the server end when the plugin does, and others go on', async () => {
  await using folder = await tempDir();
  const staying = await bench(folder.path);
  await staying.provider.create(staying.order('a1', staying.profile), staying.cluster, never);
  await started(join(staying.homes, 'a1'));
  await staying.provider.close?.(staying.cluster);
  expect(leftovers(own(folder.path))).toHaveLength(2);
  const leaving = await bench(folder.path, { stop_with_server: 'true' });
  await leaving.provider.close?.(leaving.cluster);
  expect(leftovers(own(folder.path))).toEqual([]);
});

test('without a bootstrapper the order is refused with what to do', async () => {
  await using folder = await tempDir();
  const { provider, cluster, order } = await bench(folder.path, { go_agent: '/nowhere/go-agent' });
  expect(await provider.create(order('a1'), cluster, never)).toEqual({
    type: 'refused',
    reason: 'There is no /nowhere/go-agent; build it (npm run build), or name it in the cluster',
  });
});
