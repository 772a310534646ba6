import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { hashFile } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { packBundle, unpackBundle } from '../../scripts/build-bundle.ts';
import { offerZip } from './harness/offer-bundle.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';

interface State {
  readonly agent?: {
    readonly current?: string;
    readonly lastGood?: string;
    readonly quarantined?: readonly { readonly md5: string; readonly reason: string }[];
  };
}

async function stateOf({ agent }: TestSystem): Promise<State> {
  return JSON.parse(await readFile(join(agent.home, 'data', 'state.json'), 'utf8')) as State;
}

/** A genuine agent that ends with 1 as soon as there is a file `crash` in its home. */
function crashingAgent(genuine: string, file: string) {
  const source = `import { existsSync } from 'node:fs';
import * as real from './agent.mjs';
export async function main() {
  setInterval(() => existsSync('crash') && process.exit(1), 20);
  return real.main();
}`;
  const files = new Map<string, string | Uint8Array>([['bad.mjs', source], ...unpackBundle(genuine)]);
  return packBundle({ name: BundleName.agent, version: '6.6.6', file }, files);
}

test('a new agent that crashes in mid-job gives way to the one before, which finishes the job, until it is to be tried again', async () => {
  await using system = await startSystem({ agentArgs: ['--set', 'probation=20s'] });
  const { agent } = system;
  const genuine = join(system.server.bundles, 'agent.zip');
  const good = await hashFile(genuine, 'md5');
  await system.wait(async () => (await stateOf(system)).agent?.lastGood === good, {
    timeoutMs: 90_000,
    describe: 'the first agent to prove itself',
  });
  const [gate, runs] = [join(system.folder, 'gate'), join(system.folder, 'runs')];
  await system.definePipeline('gated', [
    stageOf('only', 'one', [shellTask(`echo run >> ${runs}; while [ ! -e ${gate} ]; do sleep 0.05; done`)]),
  ]);
  const bootstrapper = (await agent.status()).process?.pid;

  const bad = crashingAgent(genuine, join(system.folder, 'bad.zip'));
  await offerZip(system, BundleName.agent, bad.file);
  await system.waitForAgent(agent, (shape) => shape.agent_version === '6.6.6', { describe: 'the new agent' });
  const counter = await system.trigger('gated');
  await system.waitForAgent(agent, (shape) => shape.display_state === 'building');
  await writeFile(join(agent.home, 'crash'), '');

  await system.wait(async () => (await stateOf(system)).agent?.quarantined?.[0]?.md5 === bad.md5, {
    describe: 'the verdict',
  });
  await system.waitForAgent(agent, (shape) => shape.agent_version !== '6.6.6', { describe: 'the way back' });
  await writeFile(gate, '');
  await system.waitForPass('gated', counter, 'only');
  expect(await readFile(runs, 'utf8')).toBe('run\n');
  expect((await stateOf(system)).agent).toMatchObject({ current: good, lastGood: good });
  const { process, launcher, agent: running, phase } = await agent.status();
  expect({ pid: process?.pid, source: launcher?.source, md5: running?.md5, phase }).toEqual({
    pid: bootstrapper,
    source: 'carried',
    md5: good,
    phase: 'running',
  });

  await rm(join(agent.home, 'crash'));
  expect((await agent.go('restart', '--retry-upgrades')).output).toContain('The agent runs anew');
  await system.waitForAgent(agent, (shape) => shape.agent_version === '6.6.6', { describe: 'another try' });
});
