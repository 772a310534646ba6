import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, fail, ok, skipped, warn } from '../check.ts';
import { runCommand } from '../probes/run-command.ts';

interface JobUserFacts {
  readonly user: string | undefined;
  readonly found: boolean;
  /** Of the process that is the agent, or would be. */
  readonly agentIsRoot: boolean;
  /** Folders above the home that others may not pass. */
  readonly closed: readonly string[];
}

export const jobUserCheck = check({
  name: 'job-user',
  about: 'the user as whom jobs run',
  async look({ resolution, home, processPid, environment }, signal): Promise<JobUserFacts> {
    const user = valueOf(resolution, 'run-jobs-as');
    const asked =
      user === undefined
        ? undefined
        : await runCommand('getent', ['passwd', user], { environment: { ...environment }, signal });
    const uid = (await stat(`/proc/${processPid}`).catch(() => undefined))?.uid ?? process.getuid?.();
    return {
      user,
      found: asked?.type === 'missing' || (asked?.type === 'ended' && asked.code === 0),
      agentIsRoot: uid === 0,
      closed: user === undefined ? [] : await closedAbove(home),
    };
  },
  judge({ user, found, agentIsRoot, closed }) {
    if (process.platform !== 'linux') return skipped('jobs run as the user of the agent');
    if (user === undefined) {
      if (!agentIsRoot) return ok('jobs run as the user of the agent, which is not root');
      return warn(
        'the agent and its jobs run as root: a job may do anything here, and may read the token',
        'give --run-jobs-as USER, or run the agent as another user',
      );
    }
    if (!found)
      return fail(
        `there is no user ${user} to run jobs as`,
        `useradd --system ${user}, or correct run-jobs-as`,
      );
    if (!agentIsRoot)
      return fail(
        `jobs cannot run as ${user}: the agent is not root`,
        'run the agent as root, or leave run-jobs-as out',
      );
    if (closed.length > 0)
      return fail(
        `${user} may not pass ${closed.join(', ')} on the way to the home folder`,
        `chmod o+x ${closed.join(' ')}`,
      );
    return ok(`jobs run as ${user}`);
  },
});

async function closedAbove(home: string): Promise<string[]> {
  const closed: string[] = [];
  for (let folder = dirname(home); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o001) === 0) closed.push(folder);
    if (folder === dirname(folder)) return closed;
  }
}
