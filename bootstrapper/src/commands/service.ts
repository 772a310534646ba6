import { isAbsolute, resolve } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseServerUrl } from '../server-url.ts';
import {
  type ChangeResult,
  installService,
  type ServiceChange,
  uninstallService,
} from '../service/install-service.ts';
import { type ServiceManager, serviceFiles } from '../service/service-files.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';

interface ServiceFlags {
  readonly systemd?: boolean;
  readonly launchd?: boolean;
  readonly home: string;
  readonly user: string;
  readonly name: string;
  readonly serverUrl?: string;
  readonly root?: string;
  readonly start?: boolean;
}

/** Adds `go-agent service install|uninstall|print`. */
export function addServiceCommand(
  program: Command,
  context: CommandContext,
  done: (exitCode: number) => void,
): void {
  const service = program
    .command('service')
    .description('Run the agent as a service of this machine: hardened, started at boot and after a failure.')
    .addHelpText(
      'after',
      `\nExample:\n  go-agent service install --server-url https://gocd.example.com:8154/go\n${exitCodes('ok', 'failed', 'usage')}`,
    );
  const command = (name: string, description: string, example: string) =>
    withServiceOptions(service.command(name).description(description), context).addHelpText(
      'after',
      `\nExample:\n  ${example}\n${exitCodes('ok', 'failed', 'usage')}`,
    );

  const change = async (
    flags: ServiceFlags,
    runArguments: string[],
    apply: (change: ServiceChange) => Promise<ChangeResult>,
  ) => {
    const { root } = flags;
    const refusal = root === undefined ? cannotChange(managerOf(flags)) : undefined;
    const result: ChangeResult =
      refusal === undefined
        ? await apply(serviceChange(context, flags, runArguments))
        : { ok: false, message: refusal };
    if (result.ok) for (const line of result.done) context.print(line);
    else context.printError(`go-agent: ${result.message}`);
    done(result.ok ? ExitCode.ok : ExitCode.failed);
  };

  command(
    'install',
    'Install and start the service, or bring it up to date. Needs root.',
    'sudo go-agent service install --server-url https://gocd.example.com:8154/go -- --resources linux,docker',
  )
    .option('--no-start', 'install only; it starts with the machine')
    .option('--root <folder>', 'install into the system in this folder, such as an image that does not run')
    .action((runArguments: string[], flags: ServiceFlags) => change(flags, runArguments, installService));
  command(
    'uninstall',
    'End the service and remove it; the home folder stays. Needs root.',
    'sudo go-agent service uninstall',
  )
    .option('--root <folder>', 'uninstall from the system in this folder')
    .action((runArguments: string[], flags: ServiceFlags) => change(flags, runArguments, uninstallService));
  command('print', 'Print what install would install.', 'go-agent service print --systemd').action(
    (runArguments: string[], flags: ServiceFlags) => {
      const { manager, service: definition } = serviceChange(context, flags, runArguments);
      const [text = ''] = serviceFiles(manager, definition).values();
      context.print(text.trimEnd());
      done(ExitCode.ok);
    },
  );
}

function withServiceOptions(command: Command, context: CommandContext): Command {
  return command
    .argument('[run-arguments...]', 'after --: further arguments of go-agent run')
    .addOption(new Option('--systemd', 'a systemd unit').conflicts('launchd'))
    .addOption(new Option('--launchd', 'a launchd daemon').conflicts('systemd'))
    .option(
      '--home <folder>',
      'the folder in which the agent lives',
      (path) => resolve(context.cwd, path),
      '/var/lib/go-agent',
    )
    .option('--user <name>', 'the user as whom it runs; made if missing (systemd)', account, 'go-agent')
    .option('--name <name>', 'name of the service', account, 'go-agent')
    .option(
      '--server-url <url>',
      "the server; ends in '/go' (else GO_SERVER_URL in /etc/default/<name>)",
      url,
    );
}

function serviceChange(
  { self }: CommandContext,
  flags: ServiceFlags,
  runArguments: readonly string[],
): ServiceChange {
  const { name, home, user, serverUrl, root, start = false } = flags;
  return {
    manager: managerOf(flags),
    service: { name, self, home, user, runArguments, ...(serverUrl === undefined ? {} : { serverUrl }) },
    ...(root === undefined ? {} : { root: isAbsolute(root) ? root : resolve(root) }),
    start,
  };
}

function managerOf({ systemd, launchd }: ServiceFlags): ServiceManager {
  if (systemd) return 'systemd';
  return launchd || process.platform === 'darwin' ? 'launchd' : 'systemd';
}

/** Why this machine's services cannot be changed, and what helps. */
function cannotChange(manager: ServiceManager): string | undefined {
  const own = process.platform === 'darwin' ? 'launchd' : 'systemd';
  if (process.platform === 'win32') {
    return 'Windows services are not installed by this command. Remedy: run "go-agent run" by the task scheduler or a service wrapper';
  }
  if (manager !== own)
    return `this machine has no ${manager}. Remedy: use "go-agent service print --${manager}"`;
  if (process.getuid?.() !== 0) return 'only root may change services. Remedy: run it with sudo';
  return undefined;
}

function account(text: string): string {
  if (!/^[A-Za-z_][\w.-]*$/.test(text)) throw new InvalidArgumentError('Must be a name such as go-agent.');
  return text;
}

function url(text: string): string {
  const parsed = parseServerUrl(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.message);
  return parsed.url;
}
