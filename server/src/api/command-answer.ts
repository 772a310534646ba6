import type { CommandOutcome } from '../domain/command-outcome.ts';
import { Halt } from '../http/halt.ts';

const STATUS = { 'not-found': 404, conflict: 409, invalid: 422 } as const;

/**
 * The message of a command that was done.
 * @throws Halt 404, 409 or 422 for one that was not
 */
export function done<T>(outcome: CommandOutcome<T>): { readonly value: T; readonly message: string } {
  if (outcome.type === 'ok') return outcome;
  throw Halt.message(STATUS[outcome.type], outcome.message);
}
