import { type RingAgent, ringReason } from './in-ring.ts';
import type { Pin, Rollout, RolloutState } from './rollout-state.ts';

/** What one agent is offered, and why. `keep`: what it runs. */
export type Decision =
  | { readonly type: 'offer'; readonly version: string; readonly why: string }
  | { readonly type: 'keep'; readonly why: string };

export interface DecisionInput {
  readonly state: RolloutState;
  readonly agent: RingAgent;
  /** The version that is rolled out has failed its probation on this agent. */
  readonly hasFailed: boolean;
  /** What this server has, newest first. */
  readonly versions: readonly string[];
}

/** Pins come first, then the freeze, then the roll-out; without any of them everybody gets the newest release. */
export function decideRelease({ state, agent, hasFailed, versions }: DecisionInput): Decision {
  const pin = pinOf(state.pins, agent);
  if (pin !== undefined) {
    const why = pin.kind === 'agent' ? 'the agent is pinned' : `its resource ${pin.name} is pinned`;
    return offer(versions, pin.version, why);
  }
  if (state.frozen !== undefined)
    return { type: 'keep', why: `all agents are frozen: ${state.frozen.reason}` };
  if (state.rollout !== undefined) return decideRing(state.rollout, agent, hasFailed, versions);
  const [newest] = versions;
  if (newest === undefined) return { type: 'keep', why: 'the server has no release' };
  return { type: 'offer', version: newest, why: 'it is the newest release' };
}

/** One agent's own pin comes before those of its resources, of which the first one counts. */
function pinOf(pins: readonly Pin[], { guid, resources }: RingAgent): Pin | undefined {
  const own = pins.find(({ kind, name }) => kind === 'agent' && name.toLowerCase() === guid.toLowerCase());
  const names = new Set(resources.map((resource) => resource.toLowerCase()));
  return own ?? pins.find(({ kind, name }) => kind === 'resource' && names.has(name.toLowerCase()));
}

function decideRing(
  rollout: Rollout,
  agent: RingAgent,
  hasFailed: boolean,
  versions: readonly string[],
): Decision {
  const { version, base, halted } = rollout;
  const back = (why: string) =>
    base === undefined ? ({ type: 'keep', why } as const) : offer(versions, base, why);
  if (halted !== undefined) return back(`the roll-out of ${version} is halted`);
  if (hasFailed) return back(`${version} failed its probation here`);
  const inside = ringReason(rollout, agent);
  if (inside === undefined) return back(`the roll-out of ${version} has not come to it yet`);
  return offer(versions, version, inside);
}

/** What has been removed from the server cannot be offered: then nothing moves, rather than something else is tried. */
function offer(versions: readonly string[], version: string, why: string): Decision {
  if (versions.includes(version)) return { type: 'offer', version, why };
  return { type: 'keep', why: `${why}, but the server has no release ${version}` };
}
