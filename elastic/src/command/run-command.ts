import type { Readable } from 'node:stream';
import { AppError, type Clock, openContainer } from '@go-agent/runtime/core';

export interface RunCommand {
  /** For messages: what it is for. */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** To the standard input. */
  readonly input: string;
  readonly timeoutMs: number;
}

/** More than any list of machines has. */
const LARGEST_OUTPUT = 16 << 20;
const LARGEST_ERRORS = 64 << 10;
/** `EX_TEMPFAIL` of sysexits: the same may work in a while. */
const TRY_AGAIN = 75;
const LAST_OUTPUT_MS = 1000;

/**
 * Runs a command and all that it starts for at most so long. Resolves to its standard output.
 * @throws AppError `elastic-command-failed` with its last line on the standard error; retryable after exit status 75 and
 * when its time is over
 */
export async function runCommand(run: RunCommand, clock: Clock, signal: AbortSignal): Promise<string> {
  const { what, command, args, cwd, env, input, timeoutMs } = run;
  signal.throwIfAborted();
  await using container = openContainer({ level: 'session', clock });
  const started = await container.spawn({ command, args, cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  if (!started.ok)
    throw new AppError('elastic-command-failed', `${what}: ${started.message}`, { cause: started.cause });
  const { stdin, stdout, stderr, exited, outputEnded } = started.process;
  const output = collect(stdout, LARGEST_OUTPUT);
  const errors = collect(stderr, LARGEST_ERRORS);
  // A command that does not read is no failure.
  stdin?.on('error', () => undefined);
  stdin?.end(input);
  const done = new AbortController();
  const late = clock.sleep(timeoutMs, AbortSignal.any([done.signal, signal]));
  const status = await Promise.race([exited, late.then(() => null)]);
  done.abort();
  if (status === null) {
    await container.killAll();
    signal.throwIfAborted();
    throw new AppError('elastic-command-failed', `${what}: not done within ${timeoutMs / 1000} s`, {
      retryable: true,
    });
  }
  // What it left in the background must not hold its output open; and what cannot be found or ended, such as a process of another
  // user, for no longer than it takes to read what the command itself has written.
  await container.killAll();
  const read = new AbortController();
  await Promise.race([outputEnded, clock.sleep(LAST_OUTPUT_MS, read.signal)]);
  read.abort();
  stdout?.destroy();
  stderr?.destroy();
  if (status.code === 0) return output();
  const words = errors().trim().split('\n').at(-1)?.trim();
  const how = status.signal ?? `exit status ${status.code}`;
  throw new AppError(
    'elastic-command-failed',
    `${what}: ${words === undefined || words === '' ? how : `${words} (${how})`}`,
    {
      retryable: status.code === TRY_AGAIN,
    },
  );
}

/** What came, of the end as much as is allowed. */
function collect(stream: Readable | null, most: number): () => string {
  let chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 2 * most) {
      chunks = [Buffer.concat(chunks).subarray(-most)];
      size = most;
    }
  });
  return () => Buffer.concat(chunks).subarray(-most).toString();
}
