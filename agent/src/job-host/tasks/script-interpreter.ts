import { splitArguments } from './split-arguments.ts';

/** How a script is run: one of the commands, the arguments, then the path of the script's file. */
export interface Interpreter {
  readonly commands: readonly [string, ...string[]];
  readonly args: readonly string[];
  /** Of the script's file; some interpreters refuse others. */
  readonly extension: string;
  /** If none of the commands is there. */
  readonly remedy?: string;
}

const POWERSHELL_ARGS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
const POWERSHELL = {
  args: POWERSHELL_ARGS,
  extension: '.ps1',
  remedy:
    'Install PowerShell on the agent (https://aka.ms/powershell), or write the script for another shell.',
};

/** Those that need more than their name. */
const SPECIAL: Readonly<Record<string, Interpreter>> = {
  // What the script executor of GoCD takes; the second is for machines that have no bash.
  '': { commands: ['bash', 'sh'], args: [], extension: '.sh' },
  python: { commands: ['python', 'python3'], args: [], extension: '.py' },
  powershell: { commands: ['powershell', 'pwsh'], ...POWERSHELL },
  pwsh: { commands: ['pwsh', 'powershell'], ...POWERSHELL },
  cmd: { commands: ['cmd'], args: ['/d', '/c'], extension: '.cmd' },
};

export type InterpreterChoice =
  | { readonly ok: true; readonly interpreter: Interpreter | 'shebang' }
  | { readonly ok: false; readonly message: string };

/**
 * By the script's own first line if it is a `#!` (not on Windows), else by name; `shell` may be any command with arguments. Without a
 * name it is bash.
 */
export function chooseInterpreter(
  shell: string,
  script: string,
  platform: NodeJS.Platform,
): InterpreterChoice {
  if (script.startsWith('#!') && platform !== 'win32') return { ok: true, interpreter: 'shebang' };
  const name = shell.trim();
  const special = SPECIAL[name.toLowerCase()];
  if (special) return { ok: true, interpreter: special };
  const split = splitArguments(name);
  if (!split.ok) return split;
  const [command, ...args] = split.args;
  if (command === undefined) return { ok: false, message: `There is no command in the shell ${shell}` };
  return { ok: true, interpreter: { commands: [command], args, extension: '' } };
}
