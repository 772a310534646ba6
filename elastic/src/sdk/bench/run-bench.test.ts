import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { inProcess } from '../../testing/in-process.ts';
import { MemoryWorld, memoryProvider } from '../../testing/memory-provider.ts';
import { readManifest, startPlugin } from './plugin-process.ts';
import { type BenchReport, runBench } from './run-bench.ts';

const PYTHON = join(import.meta.dirname, '..', '..', 'testing', 'python-plugin');
const RUDE = join(import.meta.dirname, '..', '..', 'testing', 'rude-plugin');

async function play(
  start: Parameters<typeof runBench>[0]['start'],
  jobs: number,
  { startTimeoutMs = 60_000, maxAgents = 4 } = {},
): Promise<BenchReport> {
  await using folder = await tempDir();
  const dataFolders = [join(folder.path, '1'), join(folder.path, '2')] as const;
  for (const each of dataFolders) await mkdir(each);
  return runBench({
    pluginId: 'test.memory',
    start,
    dataFolders,
    clusterProperties: { region: 'north', token: 'secret-token' },
    profileProperties: {},
    jobs,
    seed: 7,
    maxAgents,
    startTimeoutMs,
  });
}

test('a plugin made with the kit breaks no rule in a whole day', async () => {
  const world = new MemoryWorld();
  const report = await play(() => inProcess(memoryProvider(world)), 60);
  expect(report.violations).toEqual([]);
  expect(report.done.jobs).toBeGreaterThan(50);
  expect(report.done.agents).toBeGreaterThan(5);
  expect(world.agents.size).toBe(0);
});

test.skipIf(spawnSync('python3', ['--version']).status !== 0)(
  'a plugin in another language, made without the kit, that keeps to the rules breaks none',
  async () => {
    await using world = await tempDir();
    const manifest = await readManifest(PYTHON);
    const environment = { ...process.env, PYTHON_WORLD: world.path };
    const report = await play(() => startPlugin(PYTHON, manifest, environment), 40);
    expect(report.violations).toEqual([]);
    expect(report.done.jobs).toBe(40);
    expect(await readdir(world.path)).toEqual([]);
  },
);

test.each([
  ['an agent that is never removed', 'stops-agents', 'keeps'],
  ['an id that is used twice', 'new-ids', 'same-id'],
  ['a key in the log', 'keeps-secrets', 'leaks'],
  ['the agents of all servers in the list', 'lists-own', 'all-servers'],
  ['jobs that are passed over', 'decides-once', 'forgets'],
  ['agents that are taken out of the air', 'assigns-what-is-free', 'invents'],
  ['a reason that is empty', 'gives-reasons', 'mute'],
  ['answers of another form', 'answers-well', 'garbles'],
  ['a print to the standard output', 'speaks-frames', 'prints'],
  ['a process that does not end', 'ends-with-the-server', 'stays'],
  ['agents that are forgotten in a crash', 'finds-again', 'forgetful'],
  ['required fields that are not checked', 'names-problems', 'careless'],
  ['agents that never come', 'starts-agents', 'never-starts'],
  ['a question that is not answered', 'answers-in-time', 'dawdles'],
  ['an answer to what it cannot know', 'refuses-unknown', 'brews'],
  ['a second agent for a job whose agent is on its way', 'one-key-a-job', 'impatient'],
  ['a refused key that is asked for again', 'takes-no-for-an-answer', 'insists'],
  ['an agent more than was asked for', 'starts-what-is-asked', 'generous'],
  ['an agent that goes though nobody has stopped it', 'keeps-agents', 'tires'],
])('%s breaks the rule %s', { timeout: 120_000 }, async (_, rule, manner) => {
  await using world = await tempDir();
  const manifest = await readManifest(RUDE);
  const environment = { ...process.env, RUDE_MANNER: manner, RUDE_WORLD: world.path };
  // Keys are refused only to one that has no room.
  const [jobs, maxAgents] = manner === 'insists' ? [40, 1] : [8, 4];
  const limits = { startTimeoutMs: 500, maxAgents };
  const report = await play(() => startPlugin(RUDE, manifest, environment), jobs, limits);
  expect(new Set(report.violations.map((each) => each.rule))).toContain(rule);
});
