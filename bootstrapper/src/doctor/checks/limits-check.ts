import { check, ok, skipped, warn } from '../check.ts';
import { softLimit } from '../probes/read-process.ts';

const FILES_WANTED = 1024;
const PROCESSES_WANTED = 512;

export const limitsCheck = check({
  name: 'limits',
  about: 'how many files and processes the agent may have',
  look: async ({ processPid }) => ({
    files: await softLimit(processPid, 'Max open files'),
    processes: await softLimit(processPid, 'Max processes'),
  }),
  judge({ files, processes }) {
    if (files === undefined) return skipped('this system does not show the limits of a process');
    if (files < FILES_WANTED)
      return warn(
        `it may have ${files} files open at a time; ${FILES_WANTED} or more are wanted`,
        'ulimit -n 65536 where the agent is started, or LimitNOFILE=65536 in its unit',
      );
    if (processes !== undefined && processes < PROCESSES_WANTED)
      return warn(
        `its user may have ${processes} processes; ${PROCESSES_WANTED} or more are wanted`,
        'ulimit -u where the agent is started, or LimitNPROC in its unit',
      );
    return ok(`it may have ${files} files open at a time`);
  },
});
