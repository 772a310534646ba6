import { resolve } from 'node:path';
import { defaultOf, settingsCatalogue } from './catalogue.ts';
import { type EnvFile, readEnvFile } from './env-file.ts';
import { ownVariable } from './setting.ts';

const VARIABLE = ownVariable('env-file');

/**
 * The one file with settings that counts: that of `--env-file`, else of GO_AGENT_ENV_FILE, else the system's. It is read before the
 * options are, for it may say where the home is. An empty name means none.
 */
export function chooseEnvFile(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): EnvFile | undefined {
  const named = flagIn(args) ?? environment[VARIABLE];
  if (named === '') return undefined;
  return named === undefined
    ? readEnvFile(defaultOf('env-file'), false)
    : readEnvFile(resolve(cwd, named), true);
}

/**
 * Node takes `--env-file` for an option of its own, wherever on the command line it stands, and puts what is in the file into the
 * environment before anything here runs. The settings among it are taken out again: they come from the file, and a secret in it is not
 * for the environment of whatever is started from here.
 */
export function takeBackEnvFile(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  cwd: string,
): void {
  const named = flagIn(args);
  if (named === undefined) return;
  const { values } = readEnvFile(resolve(cwd, named), false);
  for (const name of settingsCatalogue.flatMap(({ variables }) => variables))
    if (values[name] !== undefined && environment[name] === values[name]) delete environment[name];
}

function flagIn(args: readonly string[]): string | undefined {
  const at = args.findLastIndex((arg) => arg === '--env-file' || arg.startsWith('--env-file='));
  const flag = args[at];
  return flag?.startsWith('--env-file=') ? flag.slice('--env-file='.length) : args[at + 1 || args.length];
}
