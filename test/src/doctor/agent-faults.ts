import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_LOCK, LAUNCHER_LOCK } from '@go-agent/protocol/launch-contract';
import { MARKER_VARIABLE, processIdentity } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { packBundle } from '../../../scripts/build-bundle.ts';
import { startProcess } from '../harness/process.ts';
import { type DoctorRun, type DoctorWorld, goAgentMain } from './doctor-world.ts';
import { type FakeAnswers, startFakeGocd } from './fake-gocd.ts';
import type { Plant } from './plant.ts';

const FORBIDDEN = { status: 403, body: '' };
const ISSUED = { status: 409, body: 'A token has already been issued for this agent.' };

/** Faults of the agent: who it is, what it runs, what it has left. */
export const agentFaults: Readonly<Record<string, Plant>> = {
  'key-file-missing': ({ home }) => {
    // One that is registered needs no key any more.
    rmSync(join(home, 'config'), { recursive: true });
    return { args: ['--auto-register-key-file', '/no/such/key'] };
  },
  'not-approved': (world) => knownAs(world, { ping: FORBIDDEN, token: ISSUED }),
  'token-of-another-server': (world) =>
    knownAs(world, { ping: FORBIDDEN, token: { status: 200, body: 'another token' } }),
  'agent-deleted': (world) =>
    knownAs(world, { ping: FORBIDDEN, token: { status: 200, body: 'token-of-the-server' } }),
  'token-lost': (world) => {
    rmSync(join(world.home, 'config', 'token'));
    return knownAs(world, { token: ISSUED });
  },
  'home-copied': ({ home, folder }) => {
    const copy = join(folder, 'copy');
    cpSync(home, copy, { recursive: true });
    return { home: copy };
  },
  'machine-copied': ({ home }) => {
    const file = join(home, 'config', 'guid-of.json');
    const binding = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...binding, machine: '0'.repeat(32), hostName: 'template' }));
    return {};
  },
  'guid-twice-on-server': (world) => {
    const other = { hostName: 'elsewhere', ipAddress: '192.0.2.7', location: '/var/lib/go-agent' };
    const body = JSON.stringify({
      error: 'has no cookie set',
      knownAs: { ...other, lastHeardAt: Date.now() },
    });
    return knownAs(world, { ping: { status: 500, body } });
  },
  'guid-twice-in-log': ({ home }) => {
    const msg = 'A ping failed: The server answered ping with 500: Agent [h, a, u, c] has invalid cookie';
    mkdirSync(join(home, 'logs'));
    writeFileSync(
      join(home, 'logs', 'go-agent.log'),
      `${JSON.stringify({ level: 'error', time: new Date(), msg })}\n`,
    );
    return {};
  },
  'bundle-damaged': ({ bundles }) => {
    truncateSync(join(bundles, 'agent.zip'), 200);
    return {};
  },
  'upgrade-refused': ({ home }) =>
    state(home, { refused: { md5: 'a'.repeat(32), reason: 'wrong SHA-256', at: Date.now() } }),
  'upgrade-failed': ({ home }) =>
    state(home, { quarantined: [{ md5: 'b'.repeat(32), reason: 'it ended with 1', at: Date.now() }] }),
  'state-damaged': ({ home }) => {
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'data', 'state.json'), '{"version": 1, "agent": {');
    return {};
  },
  'lock-of-java-agent': ({ home }) => {
    writeFileSync(join(home, LAUNCHER_LOCK), '');
    return {};
  },
  'lock-left-over': ({ home }) => {
    const { pid } = spawnSync('true');
    mkdirSync(join(home, LAUNCHER_LOCK));
    writeFileSync(
      join(home, '.agent-bootstrapper.owner'),
      JSON.stringify({ pid, startTime: 1, bootId: null }),
    );
    return {};
  },
  'agent-alone': async (world) => {
    const identity = processIdentity(await sleeper(world));
    writeFileSync(join(world.home, AGENT_LOCK), JSON.stringify(identity));
    return {};
  },
  'crash-loop': async (world) => {
    const bundles = join(world.folder, 'broken');
    cpSync(world.bundles, bundles, { recursive: true });
    const text = 'export function main() { throw new Error("it is broken"); }\n';
    const what = {
      name: 'agent-launcher',
      version: '1.2.4',
      file: join(bundles, 'agent-launcher.zip'),
    } as const;
    packBundle(what, new Map([['agent-launcher.mjs', text]]));
    const args = ['run', '--home', world.home, '--server-url', world.server.url, '--bundles', bundles];
    world.resources.use(
      startProcess(process.execPath, [goAgentMain, ...args], { cwd: world.folder, env: world.env }),
    );
    const file = join(world.home, 'data', 'bootstrapper.json');
    await waitFor(() => /"crashLoop": true/.test(readFileSync(file, 'utf8')), { timeoutMs: 150_000 });
    return {};
  },
  'results-undelivered': ({ home }) => {
    mkdirSync(join(home, 'jobs', '17'), { recursive: true });
    utimesSync(join(home, 'jobs', '17'), 1, 1);
    return {};
  },
  'processes-left': async (world) => {
    const folder = join(world.home, 'pipelines', 'app');
    mkdirSync(folder, { recursive: true });
    await sleeper(world, folder, { [MARKER_VARIABLE]: 'of-a-job' });
    return {};
  },
};

/** Process id of something that runs until the world ends. */
async function sleeper(
  { resources, folder, env }: DoctorWorld,
  cwd = folder,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn('sleep', ['600'], { cwd, env: { ...env, ...more }, stdio: 'ignore' });
  await once(child, 'spawn');
  resources.defer(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  return child.pid ?? -1;
}

/** The server as it is, but for how it knows the agent. */
async function knownAs(world: DoctorWorld, answers: Partial<FakeAnswers>): Promise<DoctorRun> {
  const { url } = world.resources.use(await startFakeGocd(answers));
  return { serverUrl: url };
}

function state(home: string, agent: object): DoctorRun {
  mkdirSync(join(home, 'data'));
  writeFileSync(
    join(home, 'data', 'state.json'),
    JSON.stringify({ version: 1, launcher: {}, agent, plugins: {} }),
  );
  return {};
}
