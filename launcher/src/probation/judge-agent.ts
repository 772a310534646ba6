import { ExitCode } from '@go-agent/protocol/launch-contract';
import type { ExitStatus } from '@go-agent/runtime';
import type { TrialLimits } from './trial-limits.ts';

/** What is known of an agent process. Durations in milliseconds. */
export interface AgentSeen {
  readonly runsMs: number;
  /** Its loops run. */
  readonly ready: boolean;
  /** Since a server accepted a ping of its; undefined if none has. */
  readonly acceptedMs: number | undefined;
  /** For how long the server has answered the launcher, without a gap, while it had not accepted the agent. */
  readonly answeredMs: number;
  /** Questions that it left unanswered, in a row; 0 if it is too old to answer any. */
  readonly unanswered: number;
  readonly memoryBytes: number;
}

/** An agent that must be ended. */
export interface BadAgent {
  readonly type: 'bad';
  readonly reason: string;
  /** `agent`: its own fault; `either`: a good agent does so because of its launcher. */
  readonly whose: 'agent' | 'either';
}

export type Finding =
  | { readonly type: 'fine' }
  /** It has proved itself. */
  | { readonly type: 'good' }
  | BadAgent;

/** With a question every half of the probation, silence of twice its time. */
const MAX_UNANSWERED = 4;

/** What a running agent may still be judged by. */
export interface Standing {
  /** It has proved itself: it can no longer be too slow. */
  readonly isGood: boolean;
  /** There is a version to go back to. Without one it has all the time that it takes. */
  readonly canFail: boolean;
}

export function judgeRunning(seen: AgentSeen, { isGood, canFail }: Standing, limits: TrialLimits): Finding {
  const { probationMs, memoryBytes } = limits;
  const { acceptedMs } = seen;
  const bad = (reason: string, whose: BadAgent['whose'] = 'agent'): Finding => ({
    type: 'bad',
    reason,
    whose,
  });
  if (memoryBytes > 0 && seen.memoryBytes > memoryBytes)
    return bad(
      `it uses ${megabytes(seen.memoryBytes)} of memory; agent-memory-limit is ${megabytes(memoryBytes)}`,
    );
  if (seen.unanswered >= MAX_UNANSWERED) return bad(`it hangs: ${seen.unanswered} questions went unanswered`);
  if (isGood || probationMs === 0) return { type: 'fine' };
  if (canFail && !seen.ready && seen.runsMs > probationMs)
    return bad(`it was not ready within ${seconds(probationMs)}`, 'either');
  if (canFail && acceptedMs === undefined && seen.answeredMs > probationMs)
    return bad(`the server answered for ${seconds(probationMs)}, and accepted no ping of it`, 'either');
  return { type: acceptedMs !== undefined && acceptedMs >= probationMs ? 'good' : 'fine' };
}

/** Signals by which a process ends through its own fault; others may well come from outside. */
const crashes: readonly string[] = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];

/**
 * The end of an agent that nobody asked to end: why it speaks against its version, or undefined.
 * @param serverIsSilent when it was last asked; what an agent does then that was never accepted proves nothing
 */
export function judgeExit(
  { code, signal }: ExitStatus,
  seen: AgentSeen,
  serverIsSilent: boolean,
): string | undefined {
  if (signal !== null) return crashes.includes(signal) ? `it crashed with ${signal}` : undefined;
  if (code === ExitCode.ok || isMachinesFault(code)) return undefined;
  if (seen.ready && seen.acceptedMs === undefined && serverIsSilent) return undefined;
  return `it ended with exit code ${code} after ${seconds(seen.runsMs)}`;
}

/**
 * Another agent in the home: nothing that a version could do better. Not settings that it refuses: the version before may take them, and
 * one that is wrong about them would never be left.
 */
export function isMachinesFault(code: number | null): boolean {
  return code === ExitCode.locked;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
