import { execFile } from 'node:child_process';

/** How a command ended: `missing` says that there is no such program. */
export type CommandEnd =
  | { readonly type: 'done' }
  | { readonly type: 'missing' }
  | { readonly type: 'failed'; readonly message: string };

export async function runCommand(command: string, ...args: string[]): Promise<CommandEnd> {
  return new Promise((resolve) => {
    execFile(command, args, (error, _stdout, stderr) => {
      if (error === null) return resolve({ type: 'done' });
      if (error.code === 'ENOENT') return resolve({ type: 'missing' });
      const said = stderr.trim() || error.message;
      resolve({ type: 'failed', message: `${command} ${args.join(' ')} failed: ${said}` });
    });
  });
}
