import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCH_CONTRACT, type LaunchRequest, type LaunchStatus } from '@go-agent/protocol/launch-contract';
import { createLogger, systemClock } from '@go-agent/runtime';
import { type TempDir, tempDir, waitFor } from '@go-agent/runtime/testing';
import { type BuiltBundle, packBundle } from '../../../scripts/build-bundle.ts';
import { launch } from '../launch.ts';
import type { ReachStep } from '../swap-step.ts';
import { release } from './test-release.ts';

/**
 * An agent that writes down what it was launched with, and takes its orders from settings: `exit-code` (at once),
 * `deaf` (ignores being asked to stop), `silent` (is never ready), `lock` (holds the agent's lock). `misdeed`: what it does before it is ready.
 */
const agentSource = (label: string, misdeed: string) => `
import { readFileSync, writeFileSync } from 'node:fs';
export function main() {
  process.on('message', (message) => {
    if (message.type === 'stop' && !globalThis.deaf) process.exit(0);
    if (message.type !== 'launch') return;
    const { settings } = message;
    globalThis.deaf = settings.deaf === 'yes';
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const startTime = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (settings.lock === 'yes') writeFileSync('.agent.running', JSON.stringify({ pid: process.pid, startTime, bootId }));
    writeFileSync('launched.json', JSON.stringify({ label: ${JSON.stringify(label)}, pid: process.pid, message }));
    if (settings['exit-code'] !== undefined) process.exit(Number(settings['exit-code']));
    if (settings.silent === 'yes') return;
    ${misdeed}
    process.send({ type: 'ready' });
    process.send({ type: 'registered' });
  });
  // Unlike an agent of ours, this one does not let go when its launcher is gone.
  setInterval(() => {}, 1 << 30);
}
`;

interface OneLaunch {
  readonly outcome: Promise<number>;
  readonly statuses: readonly LaunchStatus[];
  /** Resolves when the agent has been accepted by "its server". */
  readonly running: () => Promise<LaunchStatus>;
  readonly stop: () => Promise<number>;
}

export interface LaunchFixture extends AsyncDisposable {
  readonly home: string;
  readonly path: (...parts: string[]) => string;
  /** Makes an agent bundle; another label, another MD5. */
  readonly agentBundle: (label: string, contract?: number, misdeed?: string) => BuiltBundle;
  readonly launcherBundle: (label: string, contract?: number) => BuiltBundle;
  /** What each launch is asked, unless it is changed. */
  readonly request: LaunchRequest;
  readonly start: (change?: Partial<LaunchRequest>, reached?: ReachStep) => OneLaunch;
  readonly logLines: () => Promise<string[]>;
  readonly carried: { readonly launcher: BuiltBundle; readonly agent: BuiltBundle };
}

/**
 * A home folder, bundles, and the launcher's launch in this process; the agent is a process of its own.
 * @param disk instead of a temporary folder; disposed of with the rest
 */
export async function launchFixture(serverUrl: string, disk?: TempDir): Promise<LaunchFixture> {
  const folder = disk ?? (await tempDir());
  const path = (...parts: string[]) => join(folder.path, ...parts);
  await using rollback = new AsyncDisposableStack();
  rollback.use(folder);
  const runner = path('run.mjs');
  await writeFile(
    runner,
    "import { createRequire } from 'node:module'; const file = process.argv[2]; createRequire(file)(file).main();",
  );
  const agentBundle = (label: string, contract = LAUNCH_CONTRACT, misdeed = '') =>
    packBundle(
      { name: 'agent', version: label, contract, file: path('made', `agent-${label}.zip`) },
      new Map([['agent.mjs', agentSource(label, misdeed)]]),
    );
  const launcherBundle = (label: string, contract = LAUNCH_CONTRACT) =>
    packBundle(
      { name: 'agent-launcher', version: label, contract, file: path('made', `launcher-${label}.zip`) },
      new Map([['launcher.mjs', `export const main = async () => '${label}';`]]),
    );
  const carried = { launcher: launcherBundle('carried'), agent: agentBundle('carried') };
  const trustRoot = path('root.json');
  await writeFile(trustRoot, release.newestRoot);
  const launches: OneLaunch[] = [];
  const log = createLogger({ file: path('launcher.log'), name: 'test', level: 'info' });

  const request: LaunchRequest = {
    contract: LAUNCH_CONTRACT,
    home: folder.path,
    serverUrl,
    runtime: [process.execPath, runner],
    bootstrapperVersion: '1.2.3',
    launcherMd5: carried.launcher.md5,
    carried: { launcher: carried.launcher.file, agent: carried.agent.file },
    trustRoot,
    // Good as soon as it is accepted, unless the test is about that.
    settings: { probation: '0' },
  };

  const start = (
    change: Partial<LaunchRequest> = {},
    reached: ReachStep = async () => undefined,
  ): OneLaunch => {
    const stopping = new AbortController();
    const statuses: LaunchStatus[] = [];
    const changed = { ...request, ...change, settings: { ...request.settings, ...change.settings } };
    const control = { stop: stopping.signal, report: (status: LaunchStatus) => void statuses.push(status) };
    const outcome = launch(changed, control, { clock: systemClock, log, reached });
    const one: OneLaunch = {
      outcome,
      statuses,
      running: () =>
        waitFor(() => statuses.find(({ detail }) => detail === 'registered'), { describe: 'the agent' }),
      stop() {
        stopping.abort(new Error('The test is over'));
        return outcome;
      },
    };
    launches.push(one);
    return one;
  };
  const kept = rollback.move();
  kept.defer(async () => {
    await Promise.allSettled(launches.map((one) => one.stop()));
  });
  return {
    home: folder.path,
    path,
    agentBundle,
    launcherBundle,
    request,
    start,
    logLines: async () => (await readFile(path('launcher.log'), 'utf8')).split('\n'),
    carried,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
