import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import type { AgentOrder, Tools } from '../sdk/provider.ts';
import { runCommand } from './run-command.ts';
import type { CommandCluster, CommandProfile } from './schema.ts';

export interface UserDataMaker {
  /** The bootstrapper as a command. */
  readonly goAgent: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pluginId: string;
}

const TIMEOUT_MS = 30_000;
const PREFIX = 'order-';

/** What a plugin that was killed left behind, with keys. Never rejects: what cannot be removed is there at the next start. */
export async function removeOrders(dataFolder: string): Promise<void> {
  const names = await readdir(dataFolder).catch(() => []);
  const left = names.filter((name) => name.startsWith(PREFIX));
  await Promise.allSettled(left.map((name) => rm(join(dataFolder, name), { recursive: true, force: true })));
}

/**
 * Complete cloud-init user-data for one agent, in a file for this user only. Holds its key: dispose of it.
 * @throws AppError `elastic-command-failed`
 */
export async function makeUserData(
  order: AgentOrder<CommandProfile>,
  cluster: CommandCluster,
  { goAgent, env, pluginId }: UserDataMaker,
  { clock, dataFolder }: Tools,
  signal: AbortSignal,
): Promise<{ readonly file: string; readonly text: string } & AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(dataFolder, PREFIX));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const secretFile = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const { registration, profile, agentId } = order;
  const environments = registration.properties['agent.auto.register.environments'];
  const certificates = cluster.root_certificates;
  const options = {
    'server-url': cluster.server_url ?? order.serverUrl,
    'auto-register-key-file': await secretFile('key', `${registration.key.reveal()}\n`),
    'elastic-agent-id': agentId,
    'elastic-plugin-id': pluginId,
    hostname: agentId,
    environments: environments === '' ? undefined : environments,
    resources: profile.resources.length === 0 ? undefined : profile.resources.join(','),
    'package-url': cluster.package_url,
    sha256: cluster.package_sha256,
    'root-cert-file': certificates === undefined ? undefined : await secretFile('certificates', certificates),
  };
  const [command, ...before] = goAgent;
  if (command === undefined)
    throw new AppError('elastic-command-failed', 'There is no go-agent to make user-data');
  const text = await runCommand(
    {
      what: 'go-agent cloud-init print',
      command,
      args: [
        ...before,
        'cloud-init',
        'print',
        ...Object.entries(options).flatMap(([name, value]) =>
          value === undefined ? [] : [`--${name}`, value],
        ),
      ],
      cwd: folder,
      env,
      input: '',
      timeoutMs: TIMEOUT_MS,
    },
    clock,
    signal,
  );
  const file = await secretFile('user-data', text);
  const kept = undo.move();
  return { file, text, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
