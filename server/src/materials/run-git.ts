// Git's command line. It cannot ask anybody anything: it has a session of its own, without a terminal.

import { spawn } from 'node:child_process';
import { AppError, type Clock, describeError, withDeadline } from '@go-agent/runtime/core';

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_CHARS = 4000;

/** No housekeeping: newer gits leave it to a process that goes on in the mirror when they have ended. */
const QUIET = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false'];
const COMMON = ['-c', 'credential.interactive=false', '-c', 'protocol.ext.allow=never', ...QUIET];

export interface GitRun {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What git printed. @throws AppError `git-failed` with what git said, `git-missing`, `deadline-exceeded` */
export async function runGit({ args, stdin, clock, deadlineMs, signal }: GitRun): Promise<string> {
  return withDeadline((own) => run(args, stdin, own), deadlineMs, clock, signal);
}

function run(args: readonly string[], stdin: string | undefined, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...COMMON, ...args], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', (cause) => reject(new AppError('git-missing', gitMissing(cause), { cause })));
    // Without a process there may be no pipes either: of a server that has no file descriptor left.
    if (child.pid === undefined) return;
    const output: Buffer[] = [];
    let bytes = 0;
    let errors = '';
    const kill = () => {
      // The group: git starts helpers (remote-https, ssh) that must not outlive it.
      if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
    };
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) kill();
      else output.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-MAX_ERROR_CHARS);
    });
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill);
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else
        reject(
          new AppError('git-failed', errors.trim() || `git ended with ${code ?? killedBy}`, {
            retryable: true,
          }),
        );
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
    if (signal.aborted) kill();
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function gitMissing(cause: unknown): string {
  return `Git cannot be started (${describeError(cause)}). Install git, and see that it is in the PATH of the server.`;
}
