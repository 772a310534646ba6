import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export const logComponents = ['bootstrapper', 'launcher', 'agent'] as const;
export type LogComponent = (typeof logComponents)[number];

/** Where the operator's commands find things in an agent's home folder. */
export function homeFiles(home: string) {
  return {
    data: join(home, 'data'),
    status: join(home, 'data', 'bootstrapper.json'),
    log: (component: LogComponent) =>
      join(home, 'logs', component === 'agent' ? 'go-agent.log' : `go-agent-${component}.log`),
    /** What the bootstrapper prints when it has no terminal. */
    output: join(home, 'logs', 'go-agent-bootstrapper.out'),
  };
}

/** Makes the home folder, and what has to be there first. @throws Error with a remedy */
export async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(homeFiles(home).data, { recursive: true, mode: 0o700 });
  } catch (error) {
    const remedy = 'Name a folder that this user may write: --home <folder>, or GO_AGENT_HOME';
    throw new Error(`${home} cannot be the home folder. ${remedy}`, { cause: error });
  }
}
