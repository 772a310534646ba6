import { randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

/** A new secret for people and programs to pass on. In hex: what begins with a hyphen is an option to most commands. */
export function makeKey(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}
