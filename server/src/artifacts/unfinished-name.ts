import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';

/** A new name beside a file, for what is to become the file when it is whole. Listings leave such names out. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(8).toString('hex')}.part`);
}

export function isUnfinished(name: string): boolean {
  return /^\.[0-9a-f]{16}\.part$/.test(name);
}
