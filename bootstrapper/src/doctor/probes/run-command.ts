import { spawn } from 'node:child_process';

export type CommandResult =
  | { readonly type: 'ended'; readonly code: number | null; readonly output: string }
  | { readonly type: 'missing' };

/** Runs a command to its end, or to the abort of the signal; its output is cut at 64 kB. */
export function runCommand(
  command: string,
  args: readonly string[],
  { environment, signal }: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (output = (output + part.toString()).slice(0, 65_536)));
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve({ type: 'missing' }) : reject(error),
    );
    child.once('close', (code) => resolve({ type: 'ended', code, output }));
  });
}
