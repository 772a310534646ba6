import { type PackageSource, setupScript } from './setup-script.ts';

/** What a new machine is to become. No value may have a line break. */
export interface UserDataOptions {
  /** Ends in `/go`. */
  readonly serverUrl: string;
  readonly autoRegisterKey: string;
  /** Separated by commas. An elastic agent has none: its profile says what it is for. */
  readonly resources?: string;
  /** Separated by commas. */
  readonly environments?: string;
  readonly hostname?: string;
  readonly elasticAgentId?: string;
  readonly elasticPluginId?: string;
  /** Absent: the machine's image has go-agent already. */
  readonly package?: PackageSource;
  /** Certificates in PEM that the server's is signed by, if the system does not know them. */
  readonly rootCertificates?: string;
}

/** Where cloud-init puts what is gone when the set-up has ended. In memory: nothing of it gets onto a disk. */
const SETUP_FOLDER = '/run/go-agent-setup';
const CERTIFICATES = '/etc/go-agent/server-certificates.pem';

/**
 * User-data (`#cloud-config`) that installs, registers and starts an agent on a new machine. The key for automatic registration is
 * in a file of the agent's from which the agent removes it; all other copies on the machine are removed before the agent starts.
 */
export function renderUserData(options: UserDataOptions): string {
  const { autoRegisterKey, rootCertificates } = options;
  const files: [path: string, mode: string, content: string][] = [
    [`${SETUP_FOLDER}/key`, '0600', `${autoRegisterKey}\n`],
    [`${SETUP_FOLDER}/registration`, '0600', registration(options)],
    [`${SETUP_FOLDER}/settings`, '0644', settings(options)],
    [`${SETUP_FOLDER}/setup.sh`, '0700', setupScript(SETUP_FOLDER, options.package)],
  ];
  if (rootCertificates !== undefined) files.push([CERTIFICATES, '0644', `${rootCertificates.trimEnd()}\n`]);
  return [
    '#cloud-config',
    '# Made by go-agent cloud-init print. It has a key in it: do not keep it.',
    'write_files:',
    ...files.flatMap(([path, mode, content]) => [
      `  - path: ${path}`,
      `    permissions: '${mode}'`,
      `    content: ${yamlText(content)}`,
    ]),
    'runcmd:',
    `  - [sh, ${SETUP_FOLDER}/setup.sh]`,
    '',
  ].join('\n');
}

/** `config/autoregister.properties`, but for the key. */
function registration(options: UserDataOptions): string {
  const properties = {
    'agent.auto.register.resources': options.resources,
    'agent.auto.register.environments': options.environments,
    'agent.auto.register.hostname': options.hostname,
    'agent.auto.register.elasticAgent.agentId': options.elasticAgentId,
    'agent.auto.register.elasticAgent.pluginId': options.elasticPluginId,
  };
  return Object.entries(properties)
    .map(([name, value]) => (value === undefined ? '' : `${name}=${value.replaceAll('\\', '\\\\')}\n`))
    .join('');
}

/** `/etc/default/go-agent`. */
function settings({ serverUrl, rootCertificates }: UserDataOptions): string {
  const trust = rootCertificates === undefined ? '' : `GO_AGENT_ROOT_CERT_FILE=${CERTIFICATES}\n`;
  return `GO_SERVER_URL=${serverUrl}\n${trust}`;
}

/** A block for what has lines and is plain, else a quoted string, which in JSON's notation is YAML too. */
function yamlText(text: string): string {
  if (!/^[^\s][^\p{Cc}]*(\n[^\p{Cc}]*)+\n$/u.test(text)) return JSON.stringify(text);
  const lines = text.trimEnd().split('\n');
  return ['|', ...lines.map((line) => (line === '' ? '' : `      ${line}`))].join('\n');
}
