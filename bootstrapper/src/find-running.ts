import { isAlive, readJsonFile } from '@go-agent/runtime/core';
import { homeFiles } from './home-files.ts';
import { type BootstrapperStatus, decodeStatus, lastsByWallClock, statusAsOf } from './status.ts';

/** The last status that a bootstrapper wrote in this home, whether or not it still runs. */
export async function readStatus(home: string): Promise<BootstrapperStatus | undefined> {
  const file = await readJsonFile(homeFiles(home).status, decodeStatus);
  if (file.kind !== 'ok') return undefined;
  return statusAsOf(file.value, lastsByWallClock(file.value, Date.now()));
}

/** The status of the bootstrapper that runs in this home now; a dead one's is told by its process's start time. */
export async function findRunning(home: string): Promise<BootstrapperStatus | undefined> {
  const status = await readStatus(home);
  return status !== undefined && isAlive(status.process) ? status : undefined;
}
