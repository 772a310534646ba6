import { BundleName } from '@go-agent/protocol/launch-contract';

/** Versions of one bundle, as MD5s in hex of its zip. docs/launch-contract.md explains the file. */
export interface BundleState {
  /** What is to run. */
  readonly current?: string;
  /** What last proved itself: an agent that ran with it was accepted by the server. */
  readonly lastGood?: string;
  /** What the bootstrapper carried when this was written. */
  readonly carriedMd5?: string;
  /** The last offer that could not be used. */
  readonly refused?: Refusal;
  /** The current version has yet to prove itself. */
  readonly probation?: Probation;
  /** Versions that failed; none of them is run again while there is another. The last one failed last. */
  readonly quarantined?: readonly Refusal[];
}

export interface Probation {
  readonly md5: string;
  /** When it was first launched; milliseconds since the epoch. */
  readonly since: number;
  /** Launches that count: those that the operator or a silent server ended do not. */
  readonly launches: number;
}

export interface Refusal {
  readonly md5: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** `data/state.json`. Written only by who holds the home's lock; what a later version adds is kept. */
export interface LaunchState {
  readonly version: 1;
  readonly launcher: BundleState;
  readonly agent: BundleState;
  readonly plugins: BundleState;
}

export type StateKey = 'launcher' | 'agent' | 'plugins';

export const stateKeys: Readonly<Record<BundleName, StateKey>> = {
  [BundleName.launcher]: 'launcher',
  [BundleName.agent]: 'agent',
  [BundleName.plugins]: 'plugins',
};

export const emptyState: LaunchState = { version: 1, launcher: {}, agent: {}, plugins: {} };

/** Damaged parts are dropped one by one: each is found out anew. */
export function decodeState(value: unknown): LaunchState {
  const raw = record(value);
  return {
    ...raw,
    version: 1,
    launcher: decodeBundle(raw['launcher']),
    agent: decodeBundle(raw['agent']),
    plugins: decodeBundle(raw['plugins']),
  };
}

function decodeBundle(value: unknown): BundleState {
  const raw = record(value);
  const kept: Record<string, unknown> = { ...raw };
  for (const key of ['current', 'lastGood', 'carriedMd5']) if (!isMd5(raw[key])) delete kept[key];
  if (!isRefusal(raw['refused'])) delete kept['refused'];
  const { md5, since, launches } = record(raw['probation']);
  if (!isMd5(md5) || typeof since !== 'number' || !Number.isInteger(launches)) delete kept['probation'];
  const { quarantined } = raw;
  if (Array.isArray(quarantined)) kept['quarantined'] = quarantined.filter(isRefusal);
  else delete kept['quarantined'];
  return kept;
}

function isRefusal(value: unknown): value is Refusal {
  const { md5, reason, at } = record(value);
  return isMd5(md5) && typeof at === 'number' && typeof reason === 'string';
}

export function isMd5(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
