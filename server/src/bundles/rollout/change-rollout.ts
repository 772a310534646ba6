// What operators may do to a roll-out: pure, from the state now to the state then.

import type { CommandOutcome } from '../../domain/command-outcome.ts';
import type { Pin, Rollout, RolloutState } from './rollout-state.ts';

export interface StartWish {
  readonly version: string;
  /** Absent: 0 if there are resources or environments. */
  readonly percent?: number | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly environments?: readonly string[] | undefined;
  readonly maxFailedPercent?: number | undefined;
  readonly minVerdicts?: number | undefined;
  /** What all others get; else what everybody had before. */
  readonly base?: string | undefined;
  /** Give up a roll-out that is not complete. */
  readonly replace?: boolean | undefined;
}

export interface Situation {
  readonly now: number;
  /** Newest first. */
  readonly versions: readonly string[];
}

type Outcome = CommandOutcome<RolloutState>;

const DEFAULTS = { maxFailedPercent: 10, minVerdicts: 5 };

/** Begins a roll-out, or lets the ring of the one that goes on grow. */
export function startRollout(state: RolloutState, wish: StartWish, situation: Situation): Outcome {
  const { version, percent, resources = [], environments = [] } = wish;
  if (percent === undefined && resources.length === 0 && environments.length === 0)
    return invalid('Say who gets it: a percentage, resources or environments.');
  const missing = [version, wish.base].find((one) => one !== undefined && !situation.versions.includes(one));
  if (missing !== undefined) return noRelease(missing, situation);
  const going = state.rollout;
  return going?.version === version && going.halted === undefined
    ? grow(state, going, wish)
    : begin(state, wish, situation);
}

function grow(state: RolloutState, going: Rollout, wish: StartWish): Outcome {
  const percent = wish.percent ?? going.percent;
  if (percent < going.percent) {
    return conflict(
      `${going.version} has been offered to ${going.percent} % already, and who has it keeps it. ` +
        'To take it back, start the version before it, with --replace.',
    );
  }
  const rollout: Rollout = {
    ...going,
    percent,
    resources: union(going.resources, wish.resources),
    environments: union(going.environments, wish.environments),
    maxFailedPercent: wish.maxFailedPercent ?? going.maxFailedPercent,
    minVerdicts: wish.minVerdicts ?? going.minVerdicts,
    ...(wish.base === undefined ? {} : { base: wish.base }),
  };
  return ok({ ...state, rollout }, `The roll-out of ${going.version} goes on: ${ringOf(rollout)}.`);
}

function begin(state: RolloutState, wish: StartWish, { now, versions }: Situation): Outcome {
  const going = state.rollout;
  const { version } = wish;
  if (going?.version === version && going.halted !== undefined)
    return conflict(`The roll-out of ${version} is halted: ${going.halted.reason}. Use resume.`);
  if (going !== undefined && !isComplete(going) && wish.replace !== true) {
    return conflict(
      `${going.version} is being rolled out to ${ringOf(going)}. Complete it with --percent 100, or add --replace: ` +
        `then its agents go on to ${version}, or back to ${going.base ?? 'nothing else'}.`,
    );
  }
  const base = wish.base ?? baseOf(going, version, versions);
  const rollout: Rollout = {
    version,
    ...(base === undefined ? {} : { base }),
    percent: wish.percent ?? 0,
    resources: union([], wish.resources),
    environments: union([], wish.environments),
    maxFailedPercent: wish.maxFailedPercent ?? DEFAULTS.maxFailedPercent,
    minVerdicts: wish.minVerdicts ?? DEFAULTS.minVerdicts,
    startedAt: now,
    countsFrom: now,
  };
  const others = base === undefined ? 'all others stay as they are' : `all others get ${base}`;
  return ok({ ...state, rollout }, `${version} is rolled out to ${ringOf(rollout)}; ${others}.`);
}

/** Without an earlier roll-out everybody had the newest release: now that is the newest beside this one. */
function baseOf(
  going: Rollout | undefined,
  version: string,
  versions: readonly string[],
): string | undefined {
  if (going === undefined) return versions.find((other) => other !== version);
  const base = isComplete(going) ? going.version : going.base;
  return base === version ? undefined : base;
}

function isComplete({ percent, halted }: Rollout): boolean {
  return percent >= 100 && halted === undefined;
}

/** After a halt: what has failed has been judged by an operator and counts no more. */
export function resumeRollout(state: RolloutState, { now }: Situation): Outcome {
  const { rollout } = state;
  if (rollout?.halted === undefined) return conflict('No roll-out is halted.');
  const { halted: _, ...going } = rollout;
  const next = { ...state, rollout: { ...going, countsFrom: now } };
  return ok(
    next,
    `The roll-out of ${rollout.version} goes on: ${ringOf(rollout)}. Failures are counted anew.`,
  );
}

export function endRollout(state: RolloutState): Outcome {
  const { rollout, ...rest } = state;
  if (rollout === undefined) return conflict('There is no roll-out.');
  return ok(rest, 'The roll-out is over; all agents that are not pinned get the newest release.');
}

export function haltRollout(state: RolloutState, reason: string, now: number): RolloutState {
  return state.rollout === undefined
    ? state
    : { ...state, rollout: { ...state.rollout, halted: { at: now, reason } } };
}

export function freeze(state: RolloutState, reason: string, { now }: Situation): Outcome {
  return ok({ ...state, frozen: { at: now, reason } }, 'All agents stay as they are, but pinned ones.');
}

export function unfreeze(state: RolloutState): Outcome {
  const { frozen, ...rest } = state;
  return frozen === undefined
    ? conflict('The agents are not frozen.')
    : ok(rest, 'Agents are upgraded again.');
}

export function setPin(state: RolloutState, pin: Omit<Pin, 'at'>, { now, versions }: Situation): Outcome {
  if (!versions.includes(pin.version)) return noRelease(pin.version, { versions });
  const pins = [...state.pins.filter((other) => !isSameTarget(other, pin)), { ...pin, at: now }];
  return ok({ ...state, pins }, `${targetOf(pin)} is pinned to ${pin.version}.`);
}

export function removePin(state: RolloutState, target: Pick<Pin, 'kind' | 'name'>): Outcome {
  const pins = state.pins.filter((other) => !isSameTarget(other, target));
  if (pins.length === state.pins.length)
    return { type: 'not-found', message: `${targetOf(target)} is not pinned.` };
  return ok({ ...state, pins }, `${targetOf(target)} is not pinned any more.`);
}

/** Words for who gets the new version. */
export function ringOf({ percent, resources, environments }: Rollout): string {
  const parts = [
    ...(percent > 0 || resources.length + environments.length === 0 ? [`${percent} % of the agents`] : []),
    ...(resources.length > 0 ? [`agents with resource ${resources.join(', ')}`] : []),
    ...(environments.length > 0 ? [`agents in environment ${environments.join(', ')}`] : []),
  ];
  return parts.join(' and ');
}

function isSameTarget(a: Pick<Pin, 'kind' | 'name'>, b: Pick<Pin, 'kind' | 'name'>): boolean {
  return a.kind === b.kind && a.name.toLowerCase() === b.name.toLowerCase();
}

function targetOf({ kind, name }: Pick<Pin, 'kind' | 'name'>): string {
  return kind === 'agent' ? `Agent ${name}` : `Resource ${name}`;
}

function union(a: readonly string[], b: readonly string[] = []): string[] {
  return [...new Set([...a, ...b])].toSorted();
}

function ok(value: RolloutState, message: string): Outcome {
  return { type: 'ok', value, message };
}

function conflict(message: string): Outcome {
  return { type: 'conflict', message };
}

function invalid(message: string): Outcome {
  return { type: 'invalid', message };
}

function noRelease(version: string, { versions }: Pick<Situation, 'versions'>): Outcome {
  const has = versions.length === 0 ? 'none' : versions.join(', ');
  return { type: 'not-found', message: `The server has no release ${version}. It has: ${has}.` };
}
