import { access } from 'node:fs/promises';
import { homeFiles } from '../../home-files.ts';
import { check, fail, ok, type Verdict, warn } from '../check.ts';
import type { Subject } from '../subject.ts';

export const supervisionCheck = check({
  name: 'supervision',
  about: 'whether the agent runs, and stays',
  async look({ health, home }) {
    // Who may not read it does not know whether an agent runs.
    await access(homeFiles(home).status).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') throw error;
    });
    return health;
  },
  judge(health, subject) {
    const { status, running, home } = subject;
    if (!running || status === undefined) return judgeStopped(subject);
    const last = status.lastOutcome;
    const remedy = `read go-agent logs --home ${home}, and with --component launcher`;
    if (status.crashLoop)
      return fail(
        `it is in a crash loop: ${status.restarts} relaunches; ${last?.meaning}${last?.message ? ` (${last.message})` : ''}`,
        remedy,
      );
    if (status.phase !== 'running')
      return warn(`go-agent runs (pid ${status.process.pid}), its agent does not: ${status.phase}`, remedy);
    const reason = health?.agent?.notAskingBecause;
    if (reason !== undefined)
      return warn(
        `the agent asks for no work: ${reason}`,
        'see the other checks for the cause; go-agent resume ends a drain',
      );
    if (health !== undefined && health.problems.length > 0)
      return warn(health.problems.join('; '), `see the other checks, and ${remedy}`);
    return ok(`go-agent (pid ${status.process.pid}) runs its agent (pid ${status.agent?.pid ?? 'unknown'})`);
  },
});

function judgeStopped({ home, orphan, status }: Subject): Verdict {
  if (orphan !== undefined)
    return warn(
      `only an agent without a bootstrapper runs (pid ${orphan.pid})`,
      `go-agent start --home ${home}`,
    );
  const last = status?.lastOutcome;
  const ended = last === undefined ? '' : `; the last launch: ${last.meaning} (${last.at})`;
  return warn(`no agent runs in ${home}${ended}`, `go-agent start --home ${home}`);
}
