import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const template = join(import.meta.dirname, '..', '..', 'packaging', 'container');

/** Fills a folder to build a container image from, and returns it. */
export function makeContainerContext(executable: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true });
  copyFileSync(executable, join(folder, 'go-agent'));
  return folder;
}
