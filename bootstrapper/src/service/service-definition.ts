/** What a service manager is to run. All paths are absolute. */
export interface ServiceDefinition {
  /** Name of the service; several agents on one machine need several. */
  readonly name: string;
  /** Prefix of the command that runs this program. */
  readonly self: readonly string[];
  /** Home folder of the agent. */
  readonly home: string;
  /** User as whom the agent runs. */
  readonly user: string;
  /** Absent: `GO_SERVER_URL` of the environment file says it. */
  readonly serverUrl?: string;
  /** Further arguments of `go-agent run`. */
  readonly runArguments: readonly string[];
}

/** Seconds that a stopping service gets before it is killed: a running job may end first. */
export const STOP_SECONDS = 600;

/** The file with the service's settings. `go-agent run` reads it, at its start and at SIGHUP. */
export function environmentFile({ name }: Pick<ServiceDefinition, 'name'>): string {
  return `/etc/default/${name}`;
}

/** The command line of the service. No secret is in it: a key is in a file of the home, see docs/install.md. */
export function serviceCommand(service: ServiceDefinition): readonly string[] {
  const { self, home, serverUrl, runArguments } = service;
  const server = serverUrl === undefined ? [] : ['--server-url', serverUrl];
  return [...self, 'run', '--home', home, '--env-file', environmentFile(service), ...server, ...runArguments];
}

/** What the file with the settings is at first. */
export function renderEnvironmentFile(): string {
  return `# Settings of go-agent, one NAME=value on a line. docs/agent-settings.md lists them; go-agent config explain
# shows what is in force. This file can be read by all: the key for automatic registration belongs into
# config/autoregister.properties of the agent's home folder, from where it is removed once it has been used.

# GO_SERVER_URL=https://gocd.example.com:8154/go
# AGENT_AUTO_REGISTER_RESOURCES=linux
# AGENT_AUTO_REGISTER_ENVIRONMENTS=
`;
}
