import type { Settings } from '@go-agent/protocol/launch-contract';
import type { Logger } from '@go-agent/runtime';
import { describeError } from '@go-agent/runtime/core';
import type { CourierSettings } from './courier-settings.ts';
import { parseLogLevel } from './parse-log-level.ts';
import { parseSettings } from './parse-settings.ts';

/** Looked up each time that they are needed; all others are needed once, at the start. */
const LIVE: ReadonlySet<string> = new Set([
  'log-level',
  'ping-interval',
  'ping-wait',
  'work-wait',
  'instruction-interval',
  'work-backoff',
  'work-backoff-max',
  'registration-retry',
  'console-interval',
  'stock-console-interval',
  'grace',
  'on-cancel-limit',
  'spare-host-idle',
  'disk-limit',
  'workspace-max-age',
  'workspace-max-size',
]);

/** The courier's settings, which the operator may change while it runs. */
export class LiveSettings {
  /** One object for all times: what changes, changes in it. */
  readonly values: CourierSettings;
  readonly #launchedWith: Settings;
  readonly #log: Logger;
  #raw: Settings;
  #restartFor: readonly string[] = [];

  /** @throws AppError agent-settings, with all problems at once */
  constructor(raw: Settings, log: Logger) {
    this.values = parseSettings(raw);
    this.#raw = raw;
    this.#launchedWith = raw;
    this.#log = log;
  }

  /** Names of what was changed since the launch, and waits for the next one. */
  get restartFor(): readonly string[] {
    return this.#restartFor;
  }

  /** Applies what can be applied now. Settings that make no sense change nothing. */
  apply(raw: Settings): void {
    try {
      // All are looked at, also those that wait: whoever made a mistake hears of it now.
      parseSettings(raw);
      const isLive = (name: string) => LIVE.has(name);
      const { spaceLimits, ...values } = parseSettings({
        ...pick(this.#launchedWith, (name) => !isLive(name)),
        ...pick(raw, isLive),
      });
      Object.assign(this.values, values);
      Object.assign(this.values.spaceLimits, spaceLimits);
      this.#log.level = parseLogLevel(raw['log-level']);
    } catch (error) {
      this.#log.error(`The settings stay as they were: ${describeError(error)}`);
      return;
    }
    const applied = changedNames(this.#raw, raw).filter((name) => LIVE.has(name));
    this.#restartFor = changedNames(this.#launchedWith, raw).filter((name) => !LIVE.has(name));
    this.#raw = raw;
    this.#log.info(
      { applied, restartFor: this.#restartFor },
      this.#restartFor.length === 0
        ? 'The settings were read anew'
        : `The settings were read anew; ${this.#restartFor.join(', ')} wait for a restart of the agent (go-agent restart)`,
    );
  }
}

function pick(settings: Settings, wanted: (name: string) => boolean): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => wanted(name)));
}

function changedNames(before: Settings, after: Settings): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).toSorted();
}
