import type { ContainedProcess, ProcessContainer, SpawnContained } from '../processes/process-container.ts';

/** What runs a shell script in a container, with a PATH and nothing else in the environment. */
export function shell(script: string, options: Partial<SpawnContained> = {}): SpawnContained {
  return {
    command: '/bin/sh',
    args: ['-c', script],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    ...options,
  };
}

/** @throws Error if it could not be started */
export async function startContained(
  container: ProcessContainer,
  options: SpawnContained,
): Promise<ContainedProcess> {
  const result = await container.spawn(options);
  if (!result.ok) throw new Error(`${result.reason}: ${result.message}`);
  return result.process;
}
