// What operators have decided about upgrades. Kept in the database as one JSON value.

import { z } from 'zod';

const rollout = z.object({
  /** What is rolled out. */
  version: z.string(),
  /** What those get who are not in the ring. Absent: they stay as they are. */
  base: z.string().optional(),
  percent: z.number(),
  resources: z.array(z.string()),
  environments: z.array(z.string()),
  /** Halted when more than this share of the verdicts are failures … */
  maxFailedPercent: z.number(),
  /** … of at least so many verdicts. */
  minVerdicts: z.number(),
  /** Epoch ms. */
  startedAt: z.number(),
  /** Verdicts before this time have been judged by an operator. Epoch ms. */
  countsFrom: z.number(),
  halted: z.object({ at: z.number(), reason: z.string() }).optional(),
});

const pin = z.object({
  kind: z.enum(['agent', 'resource']),
  /** Guid of an agent, or a resource. */
  name: z.string(),
  version: z.string(),
  at: z.number(),
});

const state = z.object({
  rollout: rollout.optional(),
  pins: z.array(pin),
  frozen: z.object({ at: z.number(), reason: z.string() }).optional(),
});

export type Rollout = z.infer<typeof rollout>;
export type Pin = z.infer<typeof pin>;
export type RolloutState = z.infer<typeof state>;

export const NO_ROLLOUT: RolloutState = { pins: [] };

export function encodeRolloutState(value: RolloutState): string {
  return JSON.stringify(value);
}

/** @throws ZodError */
export function decodeRolloutState(text: string): RolloutState {
  return state.parse(JSON.parse(text));
}
