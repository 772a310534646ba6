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
