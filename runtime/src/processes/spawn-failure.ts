import { constants, type Stats } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import type { SpawnContained, SpawnFailureReason, SpawnResult } from './process-container.ts';

/** What the C library searches when the environment has no PATH. */
const DEFAULT_PATH = '/usr/bin:/bin';

/**
 * The kernel answers ENOENT for a missing command, a missing folder and a missing interpreter alike, so the file system
 * is asked which of them it is.
 */
export async function explainSpawnFailure(cause: Error, options: SpawnContained): Promise<SpawnResult> {
  const { reason, message } = await explain(cause, options);
  return { ok: false, reason, message, cause };
}

interface Explanation {
  readonly reason: SpawnFailureReason;
  readonly message: string;
}

async function explain(cause: Error, { command, cwd, env, signal }: SpawnContained): Promise<Explanation> {
  if (signal?.aborted)
    return { reason: 'cancelled', message: `${command} was cancelled before it was started` };
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'E2BIG') {
    return {
      reason: 'arguments-too-long',
      message: `The arguments and environment of ${command} are longer than the system allows`,
    };
  }
  const notStarted: Explanation = {
    reason: 'not-started',
    message: `Could not start ${command}: ${cause.message}`,
  };
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'ENOTDIR' && code !== 'EPERM') return notStarted;
  return (await explainFolder(cwd)) ?? (await explainCommand(command, cwd, env)) ?? notStarted;
}

async function explainFolder(cwd: string): Promise<Explanation | null> {
  const stats = await statOrNull(cwd);
  if (!stats)
    return { reason: 'working-folder-missing', message: `The working folder ${cwd} does not exist` };
  if (!stats.isDirectory()) return { reason: 'working-folder-not-usable', message: `${cwd} is not a folder` };
  if (!(await isExecutable(cwd))) {
    return { reason: 'working-folder-not-usable', message: `The working folder ${cwd} may not be entered` };
  }
  return null;
}

async function explainCommand(
  command: string,
  cwd: string,
  env: SpawnContained['env'],
): Promise<Explanation | null> {
  const found: string[] = [];
  for (const path of candidates(command, cwd, env['PATH'] ?? DEFAULT_PATH)) {
    const stats = await statOrNull(path);
    if (!stats) continue;
    found.push(path);
    if (!stats.isFile() || !(await isExecutable(path))) continue;
    const interpreter = await interpreterOf(path);
    if (interpreter && !(await statOrNull(interpreter))) {
      return {
        reason: 'interpreter-not-found',
        message: `${path} is to be run by ${interpreter}, which does not exist`,
      };
    }
    return null;
  }
  const [first] = found;
  if (first) return { reason: 'command-not-executable', message: `${first} may not be executed` };
  const where = command.includes('/') ? `in ${cwd}` : 'on the PATH';
  return { reason: 'command-not-found', message: `There is no command ${command} ${where}` };
}

function candidates(command: string, cwd: string, path: string): string[] {
  if (command.includes('/')) return [resolve(cwd, command)];
  return path.split(delimiter).map((folder) => resolve(cwd, folder, command));
}

/** The program on the `#!` line, or null. */
async function interpreterOf(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return /^#![ \t]*(\S+)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? null;
  } catch {
    return null;
  }
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
