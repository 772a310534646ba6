import { createHmac } from 'node:crypto';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readJsonFile, writeFileAtomic } from './atomic-file.ts';

/** Where an agent's guid belongs: a copy of the home folder on another machine, or in another place, is told by it. */
export interface GuidPlace {
  /** Digest of the machine's own id; null where the system has none. */
  readonly machine: string | null;
  readonly hostName: string;
  /** Absolute path of the home folder, without links. */
  readonly home: string;
}

/** `config/guid-of.json`: for which place the guid beside it was made. */
export interface GuidBinding extends GuidPlace {
  readonly guid: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The place that this process runs in. */
export async function guidPlace(home: string): Promise<GuidPlace> {
  return { machine: await machineDigest(), hostName: hostname(), home: await realpath(home) };
}

export async function readGuidBinding(home: string): Promise<GuidBinding | undefined> {
  const file = await readJsonFile(bindingFile(home), decodeBinding);
  return file.kind === 'ok' ? file.value : undefined;
}

/** @param now milliseconds since the epoch */
export async function bindGuid(home: string, guid: string, now: number): Promise<GuidBinding> {
  await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 });
  const binding = { guid, ...(await guidPlace(home)), since: new Date(now).toISOString() };
  await writeFileAtomic(bindingFile(home), `${JSON.stringify(binding, null, 2)}\n`, { mode: 0o600 });
  return binding;
}

/**
 * How a guid came from somewhere else, in words; undefined if it belongs here. A guid that was put in by hand belongs to whoever did.
 * Pure.
 */
export function foreignGuid(
  binding: GuidBinding | undefined,
  guid: string,
  here: GuidPlace,
): string | undefined {
  if (binding === undefined || binding.guid !== guid) return undefined;
  const isOtherMachine =
    binding.machine !== null && here.machine !== null && binding.machine !== here.machine;
  if (isOtherMachine) return `it was made on another machine, ${binding.hostName}, in ${binding.home}`;
  return binding.home === here.home ? undefined : `it was made for another home folder, ${binding.home}`;
}

/** Not the id itself, which machine-id(5) asks to keep to oneself. */
export async function machineDigest(): Promise<string | null> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  if (!/^[0-9a-f]{32}\s*$/.test(id)) return null;
  return createHmac('sha256', id.trim()).update('go-agent guid').digest('hex').slice(0, 32);
}

function bindingFile(home: string): string {
  return join(home, 'config', 'guid-of.json');
}

function decodeBinding(value: unknown): GuidBinding {
  const { guid, machine = null, hostName = '', home, since = '' } = value as Partial<GuidBinding>;
  if (typeof guid !== 'string' || typeof home !== 'string') throw new TypeError('not a binding of a guid');
  return { guid, machine: typeof machine === 'string' ? machine : null, hostName, home, since };
}
