import type { AgentInstruction } from '@go-agent/protocol';
import type { AgentRuntime } from '../../domain/agent-state.ts';
import type { AgentRecord } from '../../store/agent-repository.ts';

/** An agent as the server knows it now: what is stored, and what is known only as long as the server runs. */
export interface LiveAgent {
  readonly record: AgentRecord;
  /** Not approved yet; not stored. */
  readonly pending: boolean;
  readonly runtime: AgentRuntime;
  /** Epoch milliseconds. Undefined until it is heard of. */
  readonly lastHeardAt?: number;
  /** By the monotonic clock: when it was heard of, or when the server began to listen. */
  readonly heardMonotonic: number;
  /** An operator wants its cancelled job killed. Means nothing unless the runtime is `cancelled`. */
  readonly killRequested?: boolean;
  /** What the last answered ping of this agent told it. */
  readonly told?: AgentInstruction;
  readonly freeSpace?: number;
  readonly agentVersion?: string;
  readonly bootstrapperVersion?: string;
}

export function configStateOf({ pending, record }: LiveAgent): 'pending' | 'enabled' | 'disabled' {
  if (pending) return 'pending';
  return record.disabled ? 'disabled' : 'enabled';
}
