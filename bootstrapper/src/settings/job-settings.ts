import { type Setting, setting } from './setting.ts';

/** How jobs run, what they may take, and what is written about it. */
export const jobSettings: readonly Setting[] = [
  setting({
    name: 'run-jobs-as',
    parts: ['agent'],
    kind: 'user',
    flag: '--run-jobs-as',
    about: "user as whom jobs run, so that they cannot read the agent's token; needs root",
  }),
  setting({
    name: 'containment',
    parts: ['agent'],
    kind: 'choice',
    choices: ['best', 'session'],
    default: 'best',
    about: 'session: jobs do without a control group even where one may be made',
  }),
  setting({
    name: 'grace',
    parts: ['agent'],
    kind: 'time',
    default: '10s',
    about: 'from the first signal to SIGKILL when a job is ended',
  }),
  setting({
    name: 'on-cancel-limit',
    parts: ['agent'],
    kind: 'time',
    default: '60s',
    about: 'how long an on-cancel task may take',
  }),
  setting({
    name: 'spare-host-idle',
    parts: ['agent'],
    kind: 'time',
    default: '10m',
    about: 'how long a process is kept ready for the next job; 0: for ever',
  }),
  setting({
    name: 'task-plugins',
    parts: ['agent'],
    kind: 'folder',
    about: 'a folder with task plugins, looked into before those that came with the agent',
  }),
  setting({
    name: 'disk-limit',
    parts: ['agent'],
    kind: 'size',
    default: '100M',
    about: 'free bytes below which no work is asked for',
  }),
  setting({
    name: 'workspace-max-age',
    parts: ['agent'],
    kind: 'time',
    default: '30d',
    about: 'workspaces and caches that were not used for so long are removed; 0: never',
  }),
  setting({
    name: 'workspace-max-size',
    parts: ['agent'],
    kind: 'size',
    default: '50G',
    about: 'what workspaces and caches may take together; 0: anything',
  }),
  setting({
    name: 'log-level',
    parts: ['agent'],
    kind: 'choice',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    about: "how much the agent's log says",
  }),
  setting({
    name: 'job-host-entry',
    parts: ['agent'],
    kind: 'file',
    internal: true,
    about: 'another program in the place of the job host',
  }),
];
