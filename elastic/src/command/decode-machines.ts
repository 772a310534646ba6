import { AppError } from '@go-agent/runtime/core';
import { isAgentId } from '../sdk/labels.ts';
import type { CreateOutcome, FoundAgent } from '../sdk/provider.ts';

export interface Machines {
  readonly agents: readonly FoundAgent[];
  /** Machines that must not be deleted: their names are not those of agents, or the command does not say whose they are. */
  readonly strangers: readonly string[];
}

const STATES = ['starting', 'running', 'ended'] as const;

/**
 * The answer of the list command: `[{"name", "state", "labels", "createdAt"?, "detail"?}]`.
 * @param labels machines that have others are left out
 * @throws AppError `elastic-command-failed`: half a list would make agents seem gone
 */
export function decodeMachines(text: string, labels: Readonly<Record<string, string>>): Machines {
  const parsed = parse(text, 'The list command');
  if (!Array.isArray(parsed)) throw wrong('The list command must print an array');
  const strangers: string[] = [];
  const agents = parsed.flatMap((machine: unknown, index): FoundAgent[] => {
    const { name, state, createdAt, labels: own, detail } = (machine ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || name === '')
      throw wrong(`The list command: machine ${index} has no name`);
    const isLabelled = typeof own === 'object' && own !== null;
    if (isLabelled && !bears(own as Record<string, unknown>, labels)) return [];
    if (!isLabelled || !isAgentId(name)) {
      strangers.push(name);
      return [];
    }
    const known = STATES.find((each) => each === state);
    if (known === undefined) {
      throw wrong(`The list command: the state of ${name} must be one of ${STATES.join(', ')}`);
    }
    const at = typeof createdAt === 'string' ? Date.parse(createdAt) : createdAt;
    return [
      {
        agentId: name,
        state: known,
        ...(typeof at === 'number' && Number.isFinite(at) ? { createdAt: at } : {}),
        ...(typeof detail === 'string' ? { detail } : {}),
      },
    ];
  });
  return { agents, strangers };
}

/** The answer of the create command: nothing, or `{"refused": "why"}`. */
export function decodeCreated(text: string): CreateOutcome {
  if (text.trim() === '') return { type: 'created' };
  const { refused } = (parse(text, 'The create command') ?? {}) as Record<string, unknown>;
  if (typeof refused !== 'string') return { type: 'created' };
  return { type: 'refused', reason: refused };
}

function bears(own: Record<string, unknown>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => own[name] === value);
}

function parse(text: string, who: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wrong(`${who} must print JSON and nothing else`);
  }
}

function wrong(message: string): AppError {
  return new AppError('elastic-command-failed', message);
}
