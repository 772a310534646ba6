// The folder of one agent, and the note in it by which the agent is found again after a crash of the plugin.
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContainerRef, readJsonFile, writeFileAtomic } from '@go-agent/runtime/core';
import { fingerprint } from '../sdk/labels.ts';
import type { Registration } from '../sdk/provider.ts';

export interface AgentNote {
  readonly version: 1;
  readonly agentId: string;
  readonly profileId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What must be ended. Written before the first process exists, then with it. */
  readonly container: ContainerRef;
}

const NOTE = 'elastic-agent.json';

export function homeOf(homes: string, agentId: string): string {
  return join(homes, agentId);
}

export function outputFile(home: string): string {
  return join(home, 'go-agent.out');
}

/** Makes the home of a new agent, readable for its user only. The note comes first: no crash leaves a home that is nobody's. */
export async function makeHome(home: string, note: AgentNote, { properties }: Registration): Promise<void> {
  await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  await writeNote(home, note);
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${escaped(value)}\n`);
  // In a file that the agent scrubs. Not synchronized to the disk: after a power cut there is no agent either.
  await writeFile(join(home, 'config', 'autoregister.properties'), lines.join(''), { mode: 0o600 });
}

export async function writeNote(home: string, note: AgentNote): Promise<void> {
  await writeFileAtomic(join(home, NOTE), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

/** All agents noted in `homes`; a home without a readable note is nobody's. */
export async function readNotes(homes: string): Promise<readonly AgentNote[]> {
  const names = await readdir(homes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const notes = await Promise.all(names.map((name) => readNote(homeOf(homes, name))));
  return notes.filter((note) => note !== null);
}

export async function readNote(home: string): Promise<AgentNote | null> {
  const file = await readJsonFile(join(home, NOTE), decodeNote);
  return file.kind === 'ok' ? file.value : null;
}

/** The note goes last: a removal that is interrupted is taken up again. */
export async function removeHome(home: string): Promise<void> {
  const names = await readdir(home).catch(() => []);
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;
  await Promise.all(names.filter((name) => name !== NOTE).map((name) => rm(join(home, name), options)));
  await rm(home, options);
}

/** As Java reads properties: a backslash begins an escape, a line break ends the value. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** @throws Error for anything but a note that this version has written. */
function decodeNote(parsed: unknown): AgentNote {
  const note = parsed as Partial<AgentNote> | null;
  const container = note?.container;
  const whole =
    note?.version === 1 && typeof note.agentId === 'string' && typeof container?.marker === 'string';
  if (!whole || !Array.isArray(container.leaders)) throw new Error('no note of an agent');
  return note as AgentNote;
}

/** A folder name for the homes of one cluster. */
export function homesFolder(dataFolder: string, labels: Readonly<Record<string, string>>): string {
  return join(dataFolder, `agents-${fingerprint(labels).slice(0, 12)}`);
}
