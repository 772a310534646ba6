// One agent as a process tree: started through the bootstrapper, found by its note, ended with all that it started.
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  AppError,
  adoptContainer,
  type Clock,
  type ContainedProcess,
  isAlive,
  openContainer,
  sendSignal,
} from '@go-agent/runtime/core';
import type { Registration } from '../sdk/provider.ts';
import { type AgentNote, makeHome, outputFile, removeHome, writeNote } from './agent-home.ts';

export interface StartAgent {
  readonly home: string;
  readonly note: Omit<AgentNote, 'container'>;
  readonly registration: Registration;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the home and starts the bootstrapper; resolves once it is noted how it is found again. */
export async function startAgent(start: StartAgent, clock: Clock): Promise<ContainedProcess> {
  const { home, note, registration, command, args, env } = start;
  // A control group would have to be made within that of the server, which the agent's own groups need.
  const container = openContainer({ level: 'session', clock });
  await makeHome(home, { ...note, container: container.ref() }, registration);
  const output = openSync(outputFile(home), 'a', 0o600);
  try {
    const started = await container.spawn({
      command,
      args,
      cwd: home,
      env,
      stdio: ['ignore', output, output],
    });
    if (!started.ok) {
      await removeHome(home);
      throw new AppError('elastic-home-unusable', started.message, { cause: started.cause });
    }
    await writeNote(home, { ...note, container: container.ref() });
    return started.process;
  } finally {
    closeSync(output);
  }
}

/** Whether anything of it runs. The bootstrapper may be dead while the agent still finishes a job. */
export async function isRunning({ container }: AgentNote, clock: Clock): Promise<boolean> {
  if (container.leaders.some(isAlive)) return true;
  return (await adoptContainer(container, clock).list()).length > 0;
}

/**
 * Asks the bootstrapper to end, which ends the rest in order; after `graceMs` everything is killed.
 * @throws AppError `elastic-home-unusable` if something cannot be killed; retryable
 */
export async function endAgent(
  { agentId, container }: AgentNote,
  graceMs: number,
  clock: Clock,
): Promise<void> {
  const tree = adoptContainer(container, clock);
  const never = new AbortController().signal;
  const deadline = clock.monotonic() + graceMs;
  // Not SIGTERM, after which an agent finishes its job first.
  for (const leader of container.leaders) sendSignal(leader, 'SIGINT');
  while (clock.monotonic() < deadline && container.leaders.some(isAlive)) await clock.sleep(20, never);
  const left = await tree.killAll();
  if (left.length === 0) return;
  const pids = left.map(({ pid }) => pid).join(', ');
  throw new AppError(
    'elastic-home-unusable',
    `Agent ${agentId} cannot be killed; its processes are ${pids}`,
    {
      retryable: true,
    },
  );
}

/** The last line of what the bootstrapper has printed. */
export async function lastWords(home: string): Promise<string | undefined> {
  try {
    await using file = await open(outputFile(home), 'r');
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, 2000));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString().trim().split('\n').at(-1) || undefined;
  } catch {
    return undefined;
  }
}
