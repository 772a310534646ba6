import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether any user of the machine gets to what lies in the folder, as far as the folders above it are concerned. */
export function othersMayEnter(folder: string): boolean {
  if ((statSync(folder).mode & 1) === 0) return false;
  return folder === dirname(folder) || othersMayEnter(dirname(folder));
}
