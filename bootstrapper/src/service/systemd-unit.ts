import { type ServiceDefinition, STOP_SECONDS, serviceCommand } from './service-definition.ts';

/** What it takes to run jobs as another user, all that root is left. */
const FOR_JOB_USER = 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETGID CAP_SETUID';

/**
 * A systemd unit that takes from the agent and its jobs what builds do not need. `systemd-analyze security` gives it an
 * exposure below 4.0. What is left open, and why, is said in docs/install.md.
 */
export function renderUnit(service: ServiceDefinition): string {
  const { name, home, user } = service;
  const state = /^\/var\/lib\/([^/]+(?:\/[^/]+)*)$/.exec(home)?.[1];
  return `${[
    '[Unit]',
    `Description=Build agent (${name})`,
    'Wants=network-online.target',
    'After=network-online.target',
    '# Whatever happens, it is started again.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `User=${user}`,
    `WorkingDirectory=${escapePath(home)}`,
    ...(state === undefined
      ? [`ReadWritePaths=${quote(home)}`]
      : [`StateDirectory=${quote(state)}`, 'StateDirectoryMode=0750']),
    `ExecStart=${serviceCommand(service).map(quoteArgument).join(' ')}`,
    '# Settings are read again.',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=on-failure',
    'RestartSec=5',
    '# Wrong usage, and a home that another agent holds: no restart helps.',
    'RestartPreventExitStatus=2 4',
    '# A reload that comes before the program has begun to listen would end it for good.',
    'RestartForceExitStatus=SIGHUP',
    '',
    '# Each job gets a control group of its own; the bootstrapper is told to stop, the rest goes with it.',
    'Delegate=yes',
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_SECONDS}`,
    '# A job that ate all memory is no reason to end the agent.',
    'OOMPolicy=continue',
    'TasksMax=infinity',
    '',
    'NoNewPrivileges=yes',
    `CapabilityBoundingSet=${user === 'root' ? FOR_JOB_USER : ''}`,
    'AmbientCapabilities=',
    'ProtectSystem=strict',
    `ProtectHome=${protectHome(service)}`,
    'PrivateTmp=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    'RestrictRealtime=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    '# Jobs debug, and sandbox what they run.',
    'SystemCallFilter=@system-service @debug @mount',
    'SystemCallErrorNumber=EPERM',
    'UMask=0022',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`;
}

/** Homes of people are hidden, unless the agent or its home lies there. */
function protectHome({ self, home }: ServiceDefinition): string {
  const isHidden = (path: string) => /^\/(home|root|run\/user)(\/|$)/.test(path);
  if (isHidden(home)) return 'no';
  return self.some(isHidden) ? 'read-only' : 'yes';
}

/** One word of a setting: `%` begins a specifier. */
function quote(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /^[\w./:=@%+,-]+$/.test(word) ? escaped : `"${escaped}"`;
}

/** One word of a command line: `$` begins a variable as well. */
function quoteArgument(word: string): string {
  return quote(word).replaceAll('$', '$$$$');
}

/** Settings that take one path take it as it is, spaces and all. */
function escapePath(path: string): string {
  return path.replaceAll('%', '%%');
}
