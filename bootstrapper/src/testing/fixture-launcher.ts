import { join } from 'node:path';
import { packBundle } from '../../../scripts/build-bundle.ts';

/** Packs a launcher whose `main(request, control)` has this body. */
export function fixtureLauncher(file: string, body: string, version = '1') {
  const source = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
const untilStopped = (control) => new Promise((resolve) => {
  if (control.stop.aborted) resolve(); else control.stop.addEventListener('abort', () => resolve());
});
export async function main(request, control) {
${body}
}`;
  return packBundle({ name: 'agent-launcher', version, file }, new Map([['launcher.mjs', source]]));
}

/** A folder of bundles as a bootstrapper carries it; the agent is never looked at by a fixture launcher. */
export function fixtureBundles(folder: string, body: string): string {
  fixtureLauncher(join(folder, 'agent-launcher.zip'), body);
  packBundle({ name: 'agent', version: '1', file: join(folder, 'agent.zip') }, new Map([['agent.mjs', '']]));
  return folder;
}
