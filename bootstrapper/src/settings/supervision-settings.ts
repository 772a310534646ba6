import { type Setting, setting } from './setting.ts';

/** How the bootstrapper ends, and tells how its agent is. */
export const supervisionSettings: readonly Setting[] = [
  setting({
    name: 'drain-timeout',
    parts: ['bootstrapper'],
    kind: 'time',
    flag: '--drain-timeout',
    default: '8m',
    about: 'how long a running job may go on after SIGTERM or go-agent stop; then it is cancelled',
  }),
  setting({
    name: 'probation',
    parts: ['bootstrapper', 'launcher'],
    kind: 'time',
    default: '60s',
    about:
      'how long a new agent or launcher is watched before it counts as good; all limits of its trial follow it',
  }),
  setting({
    name: 'agent-memory-limit',
    parts: ['launcher'],
    kind: 'size',
    default: '1G',
    about: 'memory above which the agent process is ended and started again; jobs go on. 0: any',
  }),
  setting({
    name: 'health-listen',
    parts: ['bootstrapper'],
    kind: 'text',
    flag: '--health-listen',
    about: 'address, such as 127.0.0.1:8152, at which health and metrics are told over HTTP',
  }),
];
