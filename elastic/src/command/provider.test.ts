import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leftovers, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { commandProvider } from './provider.ts';

const never = new AbortController().signal;
const VM = 'ga-small-0000000000000001';
const VM_2 = 'ga-small-0000000000000002';

/** Stands for `go-agent cloud-init print`: says what it was given. */
const FAKE_GO_AGENT = `
import { readFileSync } from 'node:fs';
const args = process.argv.slice(2);
const key = readFileSync(args[args.indexOf('--auto-register-key-file') + 1], 'utf8').trim();
console.log('#cloud-config\\n' + JSON.stringify({ key, args }));
`;

const LABELS = '{"go-agent.server":"server-1","go-agent.cluster":"c1"}';
/** A cloud of files: each machine is what its create command got. */
const CREATE = `
read -r order
name=$(printf '%s' "$order" | sed 's/.*"name":"\\([^"]*\\)".*/\\1/')
printf '%s' "$order" > "$WORLD/$name"`;
const LIST = `
cd "$WORLD"
printf '['
first=
for name in *; do
  [ -e "$name" ] || continue
  printf '%s{"name":"%s","state":"running","createdAt":"2026-01-01T00:00:00Z","labels":${LABELS}}' "$first" "$name"
  first=,
done
printf ']'`;
const DELETE = `
name=$(sed 's/.*"name":"\\([^"]*\\)".*/\\1/')
rm "$WORLD/$name"`;

async function setup(more: Record<string, string> = {}) {
  const folder = await tempDir();
  const world = await tempDir();
  const goAgent = join(folder.path, 'go-agent.mjs');
  writeFileSync(goAgent, FAKE_GO_AGENT);
  const provider = commandProvider({
    node: process.execPath,
    goAgent,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const data = await tempDir();
  const properties = {
    create_command: CREATE,
    list_command: LIST,
    delete_command: DELETE,
    environment: `WORLD=${world.path}`,
    retries: '0',
    ...more,
  };
  const made = await testCluster(provider, properties, data.path);
  return {
    ...made,
    provider,
    world: world.path,
    data: data.path,
    async [Symbol.asyncDispose]() {
      for (const each of [folder, world, data]) await each[Symbol.asyncDispose]();
    },
  };
}

test('a machine is created with complete user-data, listed, and deleted', async () => {
  await using bench = await setup({
    options: 'region=north',
    server_url: 'https://ci.example.com/go',
    package_url: 'https://example.com/go-agent.deb',
    package_sha256: 'a'.repeat(64),
  });
  const { provider, cluster, order, world, data } = bench;
  const made = await provider.create(
    order(VM, { options: 'type=small', resources: 'linux' }),
    cluster,
    never,
  );
  expect(made).toEqual({ type: 'created' });
  const got = JSON.parse(readFileSync(join(world, VM), 'utf8')) as { userData: string };
  expect(got).toMatchObject({
    action: 'create',
    name: VM,
    labels: { 'go-agent.server': 'server-1', 'go-agent.cluster': 'c1', 'go-agent.agent': VM },
    profile: { id: 'small', options: { type: 'small' } },
    cluster: { id: 'c1', options: { region: 'north' } },
    userDataFile: expect.stringContaining(data) as string,
  });
  const [head, given = ''] = got.userData.split('\n');
  expect(head).toBe('#cloud-config');
  const { key, args } = JSON.parse(given) as { key: string; args: string[] };
  expect(key).toBe(KEY);
  const options = [
    '--server-url',
    'https://ci.example.com/go',
    '--elastic-agent-id',
    VM,
    '--elastic-plugin-id',
    'go-agent.command',
  ];
  expect(args).toEqual(
    expect.arrayContaining([...options, '--resources', 'linux', '--sha256', 'a'.repeat(64)]),
  );
  expect(args.join(' ')).not.toContain(KEY);
  // The order's files, with the key, are gone.
  expect(readdirSync(data)).toEqual([]);
  expect(await provider.list(cluster, never)).toEqual([
    { agentId: VM, state: 'running', createdAt: Date.UTC(2026, 0, 1) },
  ]);
  await provider.remove(VM, cluster, never);
  expect(readdirSync(world)).toEqual([]);
  await provider.remove(VM, cluster, never);
});

test('the user-data is in a file that only this user reads, for as long as the command runs', async () => {
  await using bench = await setup({
    create_command: `file=$(sed 's/.*"userDataFile":"\\([^"]*\\)".*/\\1/'); stat -c %a "$file" > "$WORLD/mode"; head -1 "$file" > "$WORLD/head"`,
  });
  await bench.provider.create(bench.order(VM), bench.cluster, never);
  expect(readFileSync(join(bench.world, 'mode'), 'utf8')).toBe('600\n');
  expect(readFileSync(join(bench.world, 'head'), 'utf8')).toBe('#cloud-config\n');
  expect(statSync(bench.data).isDirectory()).toBe(true);
});

test.each([
  ['says so', `echo '{"refused": "quota exceeded"}'`, 'quota exceeded'],
  [
    'fails',
    'echo first >&2; echo "no such image" >&2; exit 3',
    'The create command: no such image (exit status 3)',
  ],
])('a create command that %s refuses the order with its reason', async (_, command, reason) => {
  await using bench = await setup({ create_command: command });
  const refused = await bench.provider.create(bench.order(VM), bench.cluster, never);
  expect(refused).toMatchObject({ type: 'refused', reason });
});

test('exit status 75 means try again, and the second try finds what the first has made', async () => {
  await using bench = await setup({ create_command: `${CREATE}\necho "the network is gone" >&2; exit 75` });
  const { provider, cluster, order, world } = bench;
  await expect(provider.create(order(VM), cluster, never)).rejects.toMatchObject({
    code: 'elastic-command-failed',
    retryable: true,
    message: 'The create command: the network is gone (exit status 75)',
  });
  const { mtimeMs } = statSync(join(world, VM));
  expect(await provider.create(order(VM), cluster, never)).toEqual({ type: 'created' });
  expect(statSync(join(world, VM)).mtimeMs).toBe(mtimeMs);
});

test('no second machine is made when the cluster changes between two tries', async () => {
  await using bench = await setup({ create_command: `${CREATE}\necho made >> "$WORLD.made"; exit 75` });
  const { provider, cluster, order, world } = bench;
  await expect(provider.create(order(VM), cluster, never)).rejects.toMatchObject({ retryable: true });
  const changed = { ...cluster, connection: await provider.connect(cluster) };
  expect(await provider.create(order(VM), changed, never)).toEqual({ type: 'created' });
  expect(readFileSync(`${world}.made`, 'utf8')).toBe('made\n');
  rmSync(`${world}.made`);
});

test('a command whose time is over is ended with all that it started', async () => {
  await using bench = await setup({ list_command: 'sleep 300 & sleep 300', list_timeout: '0.3s' });
  await expect(bench.provider.list(bench.cluster, never)).rejects.toMatchObject({
    retryable: true,
    message: 'The list command: not done within 0.3 s',
  });
  expect(leftovers(`WORLD=${bench.world}`)).toEqual([]);
});

test('a list that fails is run again, and a failure is no empty list', async () => {
  await using bench = await setup({
    retries: '1',
    list_command: `if [ -e "$WORLD/once" ]; then echo '[]'; else touch "$WORLD/once"; exit 1; fi`,
  });
  expect(await bench.provider.list(bench.cluster, never)).toEqual([]);
  await using broken = await setup({ list_command: 'echo "[{"' });
  await expect(broken.provider.list(broken.cluster, never)).rejects.toThrow(
    'must print JSON and nothing else',
  );
  await using odd = await setup({
    list_command: `echo '[{"name":"${VM}","state":"RUNNING","labels":${LABELS}}]'`,
  });
  await expect(odd.provider.list(odd.cluster, never)).rejects.toThrow(`the state of ${VM} must be one of`);
});

test('machines with the labels of another cluster are neither listed nor deleted', async () => {
  const machine = (name: string, cluster: string) =>
    `{"name":"${name}","state":"running","labels":${LABELS.replace('c1', cluster)}}`;
  await using bench = await setup({
    list_command: `echo '[${machine(VM, 'c1')},${machine(VM_2, 'c2')}]'`,
    delete_command: 'touch "$WORLD/deleted"',
  });
  expect(await bench.provider.list(bench.cluster, never)).toEqual([{ agentId: VM, state: 'running' }]);
  await bench.provider.remove(VM_2, bench.cluster, never);
  expect(readdirSync(bench.world)).toEqual([]);
});

test('a list command that prints all machines of an account has none of them deleted, and the log says so once', async () => {
  const machine = (name: string) => `{"name":"${name}","state":"RUNNING","createdAt":"2020-01-01"}`;
  const ours = `{"name":"${VM}","state":"running","labels":${LABELS}}`;
  await using bench = await setup({
    // The last could be an agent of another server in the same account.
    list_command: `echo '[${machine('prod-db-1')},${machine('ga-office')},${ours},${machine(VM_2)}]'`,
    delete_command: 'touch "$WORLD/deleted"',
  });
  const { provider, cluster } = bench;
  expect(await provider.list(cluster, never)).toEqual([{ agentId: VM, state: 'running' }]);
  await provider.list(cluster, never);
  await provider.remove('prod-db-1', cluster, never);
  await provider.remove(VM_2, cluster, never);
  expect(readdirSync(bench.world)).toEqual([]);
  expect(bench.log).toEqual([
    `warn The list command of cluster c1 must print the machines that have the labels that it gets, each with its labels; prod-db-1, ga-office, ${VM_2} (3 in all) cannot be told to be agents, and are left alone`,
  ]);
});

test('on a dry run nothing is created or deleted, and the log says what would be', async () => {
  await using bench = await setup({ dry_run: 'true' });
  writeFileSync(join(bench.world, VM_2), '{}');
  const refused = await bench.provider.create(bench.order(VM), bench.cluster, never);
  expect(refused).toEqual({ type: 'refused', reason: 'This cluster is on a dry run: nothing is created' });
  await bench.provider.remove(VM_2, bench.cluster, never);
  expect(readdirSync(bench.world)).toEqual([VM_2]);
  expect(bench.log).toEqual([
    expect.stringMatching(
      /^info dry run: ga-small-0{15}1 of profile small would be created with \d+ bytes of user-data$/,
    ),
    `info dry run: ${VM_2} would be deleted`,
  ]);
});

test('the commands see what the cluster gives them, and nothing of the server', async () => {
  await using bench = await setup({
    list_command: 'env > "$WORLD/env"; echo "[]"',
    secret_environment: 'CLOUD_TOKEN=t0k3n',
  });
  await bench.provider.list(bench.cluster, never);
  const names = [...readFileSync(join(bench.world, 'env'), 'utf8').matchAll(/^(\w+)=/gm)].map(
    (match) => match[1] ?? '',
  );
  // What a shell sets by itself does not count.
  const given = names.filter((name) => !['_', 'PWD', 'OLDPWD', 'SHLVL'].includes(name));
  expect(given.toSorted()).toEqual(['CLOUD_TOKEN', 'GO_AGENT_JOB_MARKER', 'PATH', 'WORLD']);
});
