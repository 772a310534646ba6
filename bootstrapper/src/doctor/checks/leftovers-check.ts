import { join } from 'node:path';
import { MARKER_VARIABLE } from '@go-agent/runtime/core';
import { check, ok, skipped, warn } from '../check.ts';
import { listFolder } from '../probes/list-folder.ts';
import { commandOf, currentFolderOf, environmentOf, processIds } from '../probes/read-process.ts';

interface LeftoverFacts {
  readonly busy: boolean;
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
}

const KEPT_VARIABLE = 'GO_AGENT_KEEP_PROCESSES';
const MOST_SHOWN = 5;

export const leftoversCheck = check({
  name: 'leftovers',
  about: 'processes that jobs have left behind',
  async look({ home, health }): Promise<LeftoverFacts> {
    const names = (await listFolder(join(home, 'jobs'))) ?? [];
    const busy = health?.agent?.job !== undefined || names.some((name) => /^\d+$/.test(name));
    if (busy) return { busy, processes: [] };
    const pids = await processIds();
    const found = await Promise.all(
      pids.map(async (pid) => {
        const environment = await environmentOf(pid);
        if (environment?.[MARKER_VARIABLE] === undefined || environment[KEPT_VARIABLE] !== undefined)
          return [];
        const folders = [await currentFolderOf(pid), ...Object.values(environment)];
        const isOurs = folders.some((folder) => folder.startsWith(join(home, 'pipelines')));
        return isOurs && pid !== process.pid ? [{ pid, command: await commandOf(pid) }] : [];
      }),
    );
    return { busy, processes: found.flat() };
  },
  judge({ busy, processes }) {
    if (process.platform !== 'linux')
      return skipped('this system does not show the environment of processes');
    if (busy) return skipped('a job runs or is still to be delivered: its processes are where they belong');
    if (processes.length === 0) return ok('no process of an earlier job runs');
    const shown = processes
      .slice(0, MOST_SHOWN)
      .map(({ pid, command }) => `${pid} (${command.slice(0, 60)})`);
    return warn(
      `${processes.length} process(es) of earlier jobs still run: ${shown.join(', ')}`,
      `end them with kill ${processes.map(({ pid }) => pid).join(' ')}; a unit with Delegate=yes lets the agent end all of a job`,
    );
  },
});
