import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindGuid } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { ensureBuilt } from '../../../scripts/build.ts';
import { packBundle } from '../../../scripts/build-bundle.ts';
import { runToEnd } from '../harness/process.ts';
import { type FakeGocd, startFakeGocd } from './fake-gocd.ts';

/** How doctor is run on a world with a fault; what is left out is as in a healthy one. */
export interface DoctorRun {
  readonly home?: string;
  /** Null: none is given. */
  readonly serverUrl?: string | null;
  readonly args?: readonly string[];
  /** Over the environment of a healthy world; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A command that runs the rest of its arguments. */
  readonly wrapper?: readonly string[];
}

export interface Finding {
  readonly check: string;
  readonly result: string;
  readonly saw: string;
  readonly remedy?: string;
}

export interface DoctorReport {
  readonly status: number;
  readonly findings: readonly Finding[];
}

/** What a user installs. */
export const { goAgent: goAgentMain } = await ensureBuilt();

/** An agent's home in good order, whose agent does not run, and a server that knows it. */
export interface DoctorWorld extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly bundles: string;
  readonly server: FakeGocd;
  readonly guid: string;
  /** What ends with the world. */
  readonly resources: AsyncDisposableStack;
  readonly env: Readonly<Record<string, string>>;
}

export async function openDoctorWorld(): Promise<DoctorWorld> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await tempDir()).path;
  const home = join(folder, 'home');
  const guid = await writeHome(home);
  const bundles = join(folder, 'bundles');
  for (const [name, entry] of [
    ['agent-launcher', 'agent-launcher.mjs'],
    ['agent', 'agent.mjs'],
  ] as const) {
    const file = join(bundles, `${name}.zip`);
    packBundle({ name, version: '1.2.3', file }, new Map([[entry, 'export function main() {}\n']]));
  }
  return {
    folder,
    home,
    bundles,
    server: resources.use(await startFakeGocd()),
    guid,
    resources,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      LANG: 'C.UTF-8',
      TMPDIR: tmpdir(),
      GO_AGENT_ENV_FILE: '',
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What a registered agent has in its home. Resolves to its guid. */
async function writeHome(home: string): Promise<string> {
  const guid = randomUUID();
  const config = join(home, 'config');
  await mkdir(config, { recursive: true, mode: 0o700 });
  await writeFile(join(config, 'guid.txt'), guid, { mode: 0o600 });
  await writeFile(join(config, 'token'), 'token-of-the-server', { mode: 0o600 });
  await bindGuid(home, guid, Date.now());
  return guid;
}

/** `go-agent doctor --json`, as a process. */
export async function runDoctor(world: DoctorWorld, run: DoctorRun = {}): Promise<DoctorReport> {
  const { home = world.home, serverUrl = world.server.url, args = [], env = {}, wrapper = [] } = run;
  const [command = '', ...rest] = [
    ...wrapper,
    process.execPath,
    goAgentMain,
    'doctor',
    '--json',
    '--home',
    home,
    '--bundles',
    world.bundles,
    ...(serverUrl === null ? [] : ['--server-url', serverUrl]),
    ...args,
  ];
  const all = Object.entries({ ...world.env, ...env }).filter(([, value]) => value !== undefined);
  const { status, output } = await runToEnd(command, rest, {
    cwd: world.folder,
    env: Object.fromEntries(all),
  });
  // What is still looked at is told on stderr.
  const json = output.replaceAll(/^Still looking at: .*$/gm, '');
  try {
    return { status, findings: (JSON.parse(json) as { findings: Finding[] }).findings };
  } catch (error) {
    throw new Error(`go-agent doctor ended with ${status}: ${output}`, { cause: error });
  }
}
