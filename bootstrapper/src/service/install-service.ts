import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@go-agent/runtime/core';
import { LAUNCH_DAEMONS } from './launchd-plist.ts';
import { runCommand } from './run-command.ts';
import { environmentFile, renderEnvironmentFile, type ServiceDefinition } from './service-definition.ts';
import { type ServiceManager, serviceFiles } from './service-files.ts';

export interface ServiceChange {
  readonly manager: ServiceManager;
  readonly service: ServiceDefinition;
  /** Folder of a system that does not run, such as an image's; absent: this system. */
  readonly root?: string;
  /** For a service that is installed: start it now. */
  readonly start: boolean;
}

/** What was done, a line each, or what stood in the way and what helps. */
export type ChangeResult =
  | { readonly ok: true; readonly done: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** A command; one that may fail brings about what may already be so. */
interface Step {
  readonly command: readonly [string, ...string[]];
  readonly mayFail?: boolean;
}

/** Puts a service in place, or brings one that is there up to date; the same again changes nothing. */
export async function installService(change: ServiceChange): Promise<ChangeResult> {
  const { manager, service, root, start } = change;
  const done: string[] = [];
  let changed = false;
  for (const [path, content] of serviceFiles(manager, service)) {
    const file = join(root ?? '/', path);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === content) continue;
    changed = true;
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, content);
    done.push(`Wrote ${file}`);
  }
  if (!changed) done.push(`${service.name} was installed already`);
  const settings = join(root ?? '/', environmentFile(service));
  if (!(await isThere(settings))) {
    await mkdir(dirname(settings), { recursive: true });
    await writeFileAtomic(settings, renderEnvironmentFile());
    done.push(`Wrote ${settings}: the settings go there`);
  }
  const failure = await runAll(
    root === undefined ? activation(change, changed) : imageSteps(change, root, 'enable'),
  );
  if (failure !== undefined) return { ok: false, message: failure };
  if (root === undefined && start) done.push(`${service.name} is started`);
  return { ok: true, done };
}

/** Ends the service and removes its files. The home folder, the account and the environment file stay. */
export async function uninstallService(change: ServiceChange): Promise<ChangeResult> {
  const { manager, service, root } = change;
  const files = [...serviceFiles(manager, service).keys()].map((path) => join(root ?? '/', path));
  const [main = ''] = files;
  if (!(await isThere(main))) {
    return { ok: true, done: [`${service.name} is not installed`] };
  }
  const failure = await runAll(
    root === undefined ? deactivation(manager, service.name) : imageSteps(change, root, 'disable'),
  );
  if (failure !== undefined) return { ok: false, message: failure };
  for (const file of files) await rm(file, { force: true });
  const reload = root === undefined && manager === 'systemd';
  const reloaded = reload ? await runAll([step('systemctl', 'daemon-reload')]) : undefined;
  if (reloaded !== undefined) return { ok: false, message: reloaded };
  return { ok: true, done: [...files.map((file) => `Removed ${file}`), `${service.home} is left as it is`] };
}

function activation({ manager, service, start }: ServiceChange, changed: boolean): Step[] {
  const { name, home, user } = service;
  const ownHome = step('install', '-d', '-m', '0750', '-o', user, home);
  // The key for automatic registration may be put there before the agent's first start.
  const ownConfig = step('install', '-d', '-m', '0700', '-o', user, join(home, 'config'));
  if (manager === 'launchd') {
    const load = step('launchctl', 'bootstrap', 'system', join(LAUNCH_DAEMONS, `${name}.plist`));
    const loading = start && changed ? [...deactivation(manager, name), load] : [];
    return [ownHome, ownConfig, ...loading];
  }
  return [
    step('systemd-sysusers', `/etc/sysusers.d/${name}.conf`),
    ownHome,
    ownConfig,
    step('systemctl', 'daemon-reload'),
    step('systemctl', 'enable', '--quiet', name),
    ...(start ? [step('systemctl', changed ? 'restart' : 'start', name)] : []),
  ];
}

function deactivation(manager: ServiceManager, name: string): Step[] {
  return manager === 'launchd'
    ? [{ command: ['launchctl', 'bootout', `system/${name}`], mayFail: true }]
    : [step('systemctl', 'disable', '--quiet', '--now', name)];
}

/** In an image that does not run, launchd needs no more than the file. */
function imageSteps({ manager, service }: ServiceChange, root: string, verb: 'enable' | 'disable'): Step[] {
  return manager === 'systemd' ? [step('systemctl', `--root=${root}`, verb, '--quiet', service.name)] : [];
}

function step(...command: [string, ...string[]]): Step {
  return { command };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Resolves to what went wrong. */
async function runAll(steps: readonly Step[]): Promise<string | undefined> {
  for (const { command, mayFail = false } of steps) {
    const end = await runCommand(...command);
    if (end.type === 'done' || (end.type === 'failed' && mayFail)) continue;
    if (end.type === 'failed') return end.message;
    return `There is no ${command[0]} on this machine. Remedy: use "go-agent service print" and install what it prints by hand, or run "go-agent start".`;
  }
  return undefined;
}
