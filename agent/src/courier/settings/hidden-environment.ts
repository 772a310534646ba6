type Environment = Readonly<Record<string, string | undefined>>;

// Marks the processes of the job in which this agent itself may run; their descendants have to carry it.
const MARKER = 'GO_AGENT_JOB_MARKER';

/** What the service manager says to the agent alone (sd_notify(3), sd_listen_fds(3)), its credentials among it. */
const OF_THE_SERVICE = [
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'CREDENTIALS_DIRECTORY',
];

/** Node's way from a launcher to its agent; Node itself takes it for its own in a job that is a Node program. */
const OF_NODE = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID'];

const HIDDEN = new Set([...OF_THE_SERVICE, ...OF_NODE]);

/** The names of what belongs to the agent itself: its settings, keys and tokens. No job may see them. */
export function hiddenVariables(environment: Environment): readonly string[] {
  const isOwn = (name: string) =>
    /^(GO_AGENT|AGENT_AUTO_REGISTER|GO_EA_AUTO_REGISTER)_/.test(name) && name !== MARKER;
  return Object.keys(environment).filter((name) => isOwn(name) || HIDDEN.has(name));
}

export function withoutVariables(
  environment: Environment,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || names.includes(name) ? [] : [[name, value]],
    ),
  );
}
