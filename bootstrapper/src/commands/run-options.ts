import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ListenAddress, parseListenAddress } from '../control/listen-address.ts';
import { parseServerUrl } from '../server-url.ts';
import { settingsCatalogue } from '../settings/catalogue.ts';
import { chooseEnvFile } from '../settings/choose-env-file.ts';
import type { EnvFile } from '../settings/env-file.ts';
import { parseTime } from '../settings/judge-value.ts';
import { launchSettings } from '../settings/launch-settings.ts';
import { type Resolution, resolveSettings, valueOf } from '../settings/resolve-settings.ts';
import { settingsOfFlags } from '../settings/set-flags.ts';
import type { SettingSources } from '../settings/setting-sources.ts';
import type { CommandContext, RunOptions } from './context.ts';

/** Those options of all commands that say where to look. */
export function placeOptions({ environment, cwd }: CommandContext, envFile: EnvFile | undefined): Option[] {
  const { settings } = resolveSettings({ flags: {}, environment, envFile, cwd });
  const home = settings.find(({ setting }) => setting.name === 'home');
  const shown = home?.origin.type === 'default' ? 'the current folder' : home?.value;
  return [
    new Option('--home <folder>', 'the folder in which the agent lives (env: GO_AGENT_HOME)').default(
      home?.value ?? cwd,
      shown,
    ),
    new Option(
      '--env-file <file>',
      'file with settings as NAME=value (env: GO_AGENT_ENV_FILE; default: /etc/default/go-agent)',
    ),
  ];
}

/** Options for everything that an agent is started with. */
export function withRunOptions(command: Command): Command {
  for (const { flag, kind, about, variables } of settingsCatalogue) {
    if (flag === undefined || flag === '--home' || flag === '--env-file') continue;
    command.option(`${flag} <${kind}>`, `${about} (env: ${variables.at(-1)})`);
  }
  return command
    .option(
      '--set <name=value>',
      'any other setting; may be repeated. go-agent config explain shows all',
      (pair: string, before: string[] | undefined) => [...(before ?? []), pair],
    )
    .addOption(
      new Option('--bundles <folder>', 'use the bundles in this folder instead of those carried').hideHelp(),
    )
    .addOption(new Option('--guarded', 'was started by go-agent start').hideHelp());
}

/** What command line, environment and files say. Ends with wrong usage if the command line makes no sense. */
export function settingSources(
  context: CommandContext,
  command: Command,
  args: readonly string[],
): SettingSources {
  const { environment, cwd } = context;
  const given = Object.entries(command.opts()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli',
  );
  const flags = settingsOfFlags(Object.fromEntries(given));
  if (!flags.ok) return command.error(`go-agent: ${flags.message}`);
  return { flags: flags.settings, environment, envFile: chooseEnvFile(args, environment, cwd), cwd };
}

/** The options of `run` and `start`, out of all that may set them. Warnings are printed, errors are wrong usage. */
export function runOptions(context: CommandContext, command: Command, args: readonly string[]): RunOptions {
  const sources = settingSources(context, command, args);
  const resolution = resolveSettings(sources);
  const errors = resolution.problems.filter(({ level }) => level === 'error');
  if (errors.length > 0) command.error(`go-agent: ${errors.map(({ message }) => message).join('; ')}`);
  for (const { message } of resolution.problems) context.printError(`go-agent: warning: ${message}`);
  const serverUrl = valueOf(resolution, 'server-url');
  if (serverUrl === undefined) {
    return command.error(
      'go-agent: no server is given. Remedy: --server-url URL, or GO_SERVER_URL in the environment',
    );
  }
  const url = parseServerUrl(serverUrl);
  if (!url.ok) return command.error(`go-agent: ${url.message}`);
  const healthListen = listenAddress(command, valueOf(resolution, 'health-listen'));
  const { bundles, guarded = false } = command.opts<{ bundles?: string; guarded?: boolean }>();
  return {
    home: valueOf(resolution, 'home') ?? context.cwd,
    serverUrl: url.url,
    settings: launchSettings(resolution),
    environment: otherVariablesOf(sources),
    rereadSettings: () => reread(sources, args),
    guarded,
    drainTimeoutMs: parseTime(valueOf(resolution, 'drain-timeout') ?? '') ?? 0,
    ...(healthListen === undefined ? {} : { healthListen }),
    ...(bundles === undefined ? {} : { bundles: resolve(context.cwd, bundles) }),
  };
}

function listenAddress(command: Command, text: string | undefined): ListenAddress | undefined {
  if (text === undefined) return undefined;
  const address = parseListenAddress(text);
  return (
    address ??
    command.error(`go-agent: health-listen is "${text}"; expected an address such as 127.0.0.1:8152`)
  );
}

/** What the file sets that is no setting is for the agent's environment, unless it is set there. */
function otherVariablesOf({ envFile, environment }: SettingSources): Readonly<Record<string, string>> {
  const ours = new Set(settingsCatalogue.flatMap(({ variables }) => variables));
  const others = Object.entries(envFile?.values ?? {});
  return Object.fromEntries(others.filter(([name]) => !ours.has(name) && environment[name] === undefined));
}

/** The settings as the files have them now; problems instead, if there are any that keep an agent from starting. */
function reread(sources: SettingSources, args: readonly string[]): ReturnType<RunOptions['rereadSettings']> {
  const envFile = chooseEnvFile(args, sources.environment, sources.cwd);
  const resolution: Resolution = resolveSettings({ ...sources, envFile });
  const errors = resolution.problems.filter(({ level }) => level === 'error');
  if (errors.length === 0) return { ok: true, settings: launchSettings(resolution) };
  return { ok: false, message: errors.map(({ message }) => message).join('; ') };
}
