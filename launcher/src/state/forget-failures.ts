import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RETRY_UPGRADES_FILE } from '@go-agent/protocol/launch-contract';
import type { Logger } from '@go-agent/runtime';
import { stateKeys } from './launch-state.ts';
import type { StateFile } from './state-file.ts';

/** Has versions that were refused, or failed here, tried again, if the operator has asked for that. */
export async function forgetFailures(home: string, state: StateFile, log: Logger): Promise<void> {
  const order = join(home, 'data', RETRY_UPGRADES_FILE);
  if (!existsSync(order)) return;
  for (const key of Object.values(stateKeys))
    await state.update(key, { refused: undefined, quarantined: undefined });
  // Last: a launch that is killed before that does it again.
  await rm(order, { force: true });
  log.info('Versions that were refused, or have failed here, are tried again by order of the operator');
}
