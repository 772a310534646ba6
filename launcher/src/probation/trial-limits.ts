import { DEFAULT_PROBATION_MS, type Settings } from '@go-agent/protocol/launch-contract';
import { AppError, readQuantity } from '@go-agent/runtime/core';

/** How a running agent is watched. */
export interface TrialLimits {
  /**
   * How long it may take to be ready, to be accepted by a server that answers, and has to run then to count as good. 0: it
   * is good once it is accepted, and may take its time.
   */
  readonly probationMs: number;
  /** Resident memory of the agent process; 0: any. */
  readonly memoryBytes: number;
}

/** Launches of a version that never proves itself, without any of them being a failure. */
export const MAX_LAUNCHES = 5;

const DEFAULT_MEMORY_BYTES = 1024 ** 3;

/** @throws AppError launcher-settings */
export function readTrialLimits(settings: Settings): TrialLimits {
  const read = (name: string, kind: 'time' | 'size', example: string, fallback: number) => {
    const text = settings[name];
    const value = text === undefined ? fallback : readQuantity(kind, text);
    if (value !== undefined) return value;
    throw new AppError(
      'launcher-settings',
      `${name} is "${text}". Remedy: give a ${kind} such as ${example}`,
    );
  };
  return {
    probationMs: read('probation', 'time', '60s', DEFAULT_PROBATION_MS),
    memoryBytes: read('agent-memory-limit', 'size', '1G', DEFAULT_MEMORY_BYTES),
  };
}
