import { join } from 'node:path';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { describeError } from '@go-agent/runtime';
import { hasRoom } from '@go-agent/runtime/core';
import type { LaunchContext } from '../launch-context.ts';
import type { BundleState, StateKey } from '../state/launch-state.ts';
import {
  type BundleChange,
  countLaunch,
  isOnTrial,
  isQuarantined,
  quarantine,
} from '../state/version-history.ts';
import { MAX_LAUNCHES } from './trial-limits.ts';

type OnTrial = 'launcher' | 'agent';

/** What one launch means for the versions in it: the launcher's and the agent's. Keeps `data/state.json` up to date. */
export class VersionTrial {
  readonly #context: LaunchContext;
  readonly #md5s: Readonly<Record<OnTrial, string>>;
  readonly #before: Readonly<Record<OnTrial, BundleState['probation']>>;

  constructor(context: LaunchContext, agentMd5: string) {
    this.#context = context;
    const { agent, launcher } = context.state.state;
    this.#md5s = { agent: agentMd5, launcher: context.request.launcherMd5 };
    this.#before = { agent: agent.probation, launcher: launcher.probation };
  }

  /** Both versions have proved themselves before. */
  get isGood(): boolean {
    const { agent, launcher } = this.#context.state.state;
    return agent.lastGood === this.#md5s.agent && launcher.lastGood === this.#md5s.launcher;
  }

  /** There is another version, of one of both, to go back to. */
  get canFail(): boolean {
    return this.#isOnTrial('agent') || this.#isOnTrial('launcher');
  }

  async begin(): Promise<void> {
    const { state, clock, reached } = this.#context;
    for (const key of ['launcher', 'agent'] as const) {
      const probation = this.#isOnTrial(key)
        ? countLaunch(state.state[key], this.#md5s[key], clock.now())
        : undefined;
      await this.#update(key, { probation });
    }
    await reached('counted');
  }

  /** A server has accepted the agent, and it has run well since: it and its launcher are what to come back to. */
  async noteGood(): Promise<void> {
    const { log, reached } = this.#context;
    for (const key of ['launcher', 'agent'] as const)
      await this.#update(key, { lastGood: this.#md5s[key], probation: undefined });
    log.info(this.#md5s, 'This agent and its launcher have proved themselves');
    await reached('good');
  }

  /** The operator, a silent server or a full disk ended this launch: it proves nothing. */
  async takeBack(): Promise<void> {
    for (const key of ['launcher', 'agent'] as const)
      if (this.#isOnTrial(key)) await this.#update(key, { probation: this.#before[key] });
  }

  /**
   * Finds the version that is to blame, and has it replaced by the last good one.
   * @param whose `agent`: its own fault; `either`: a good agent does so because of its launcher
   * @returns the outcome of this launch; undefined if there is nobody to blame
   */
  async noteBad(reason: string, whose: 'agent' | 'either'): Promise<number | undefined> {
    const { reached, log, request } = this.#context;
    if (!hasRoom(join(request.home, 'data'))) {
      log.warn({ reason }, 'The disk is full: that an agent fails there says nothing about its version');
      await this.takeBack();
      return undefined;
    }
    await reached('verdict');
    const key = this.#isOnTrial('agent') ? 'agent' : 'launcher';
    if (key === 'launcher' && (whose === 'agent' || !this.#isOnTrial('launcher'))) return undefined;
    await giveUp(this.#context, key, this.#md5s[key], reason);
    await reached('quarantined');
    return key === 'agent' ? LaunchOutcome.relaunch : LaunchOutcome.replaced;
  }

  #isOnTrial(key: OnTrial): boolean {
    return isOnTrial(this.#context.state.state[key], this.#md5s[key]);
  }

  /** A disk that takes nothing must not end an agent that works. */
  async #update(key: StateKey, change: BundleChange): Promise<void> {
    try {
      await this.#context.state.update(key, change);
    } catch (error) {
      this.#context.log.warn({ err: error }, `data/state.json cannot be written: ${describeError(error)}`);
    }
  }
}

/**
 * Versions that were launched often without proving themselves give way before they are launched once more: whatever
 * ends them ends this process too, or leaves no trace.
 * @returns whether that was this launcher
 */
export async function giveUpLoops(context: LaunchContext): Promise<boolean> {
  const { state, request } = context;
  const reason = `it was started ${MAX_LAUNCHES} times and never proved itself`;
  const loops = (key: OnTrial, md5: string | undefined) => {
    const { probation } = state.state[key];
    if (md5 === undefined || probation?.md5 !== md5 || probation.launches < MAX_LAUNCHES) return false;
    return isOnTrial(state.state[key], md5);
  };
  const agentMd5 = state.state.agent.current;
  if (agentMd5 !== undefined && loops('agent', agentMd5)) {
    await giveUp(context, 'agent', agentMd5, reason);
    // With another agent the launcher gets its chances anew.
    await state.update('launcher', { probation: undefined });
    return false;
  }
  if (!loops('launcher', request.launcherMd5)) return false;
  await giveUp(context, 'launcher', request.launcherMd5, reason);
  return true;
}

/** What the bootstrapper has found out about other launchers, and only a launcher can remember. */
export async function noteFailedLaunchers(context: LaunchContext, serverAnswers: boolean): Promise<void> {
  const { request, state } = context;
  for (const { md5, reason, unproven } of request.failedLaunchers ?? []) {
    const isKnown = isQuarantined(state.state.launcher, md5) || md5 === request.launcherMd5;
    if (!isKnown && (serverAnswers || unproven !== true)) await giveUp(context, 'launcher', md5, reason);
  }
}

async function giveUp(context: LaunchContext, key: OnTrial, md5: string, why: string): Promise<void> {
  const { state, clock, log, control } = context;
  const [reason = why] = why.split('\n', 1);
  await state.update(key, quarantine(state.state[key], md5, reason, clock.now()));
  const { current } = state.state[key];
  const message = `The new ${key} ${md5} has failed: ${reason}. Back to ${current}; it is not tried again`;
  log.error({ bundle: key, md5, reason, current }, message);
  control.report({ phase: 'stopping', detail: message });
}
