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
  const refused = record(raw['refused']);
  const whole =
    isMd5(refused['md5']) && typeof refused['at'] === 'number' && typeof refused['reason'] === 'string';
  if (!whole) delete kept['refused'];
  return kept;
}

export function isMd5(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
