import type { Subject } from '../subject.ts';
import { environmentOf } from './read-process.ts';

/** What jobs inherit: that of the agent, which may be another than that of this command; this command's, if none runs. */
export async function agentEnvironment({
  running,
  processPid,
  environment,
}: Subject): Promise<Readonly<Record<string, string | undefined>>> {
  return (running ? await environmentOf(processPid) : undefined) ?? environment;
}
