import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';

/** A new name beside a file, for what is to replace it in one step. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(8).toString('hex')}.part`);
}
