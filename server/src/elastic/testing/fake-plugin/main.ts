// A plugin as a process, for tests of the plugin host: its first argument says how it behaves.
import { v5Fixtures } from '@go-agent/protocol/elastic-fixtures';
import {
  type CancellationToken,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';

const behaviour = process.argv[2] ?? 'good';
const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const V5: Readonly<Record<string, unknown>> = {
  'get-capabilities': { supports_plugin_status_report: true, supports_agent_status_report: true },
  'get-icon': { content_type: 'image/png', data: 'AA==' },
  'get-elastic-agent-profile-metadata': [{ key: 'Image', metadata: { required: true, secure: false } }],
  'get-elastic-agent-profile-view': { template: '<div>profile</div>' },
  'get-cluster-profile-metadata': [{ key: 'token', metadata: { required: true, secure: true } }],
  'get-cluster-profile-view': { template: '<div>cluster</div>' },
  'should-assign-work': true,
  'plugin-status-report': { view: '<p>all well</p>' },
  'validate-cluster-profile': [],
  'validate-elastic-agent-profile': [],
};

/** So much memory the greedy one takes. */
const GREED_BYTES = 300 * 1024 * 1024;
let held: Buffer | undefined;

const pulled = Promise.withResolvers<void>();

connection.onRequest((method: string, params: unknown, token: CancellationToken) => {
  process.stderr.write(`${method} ${JSON.stringify(params)}\n`);
  token.onCancellationRequested(() => process.stderr.write(`cancelled: ${method}\n`));
  if (behaviour === 'late' && method !== 'initialize')
    return new Promise((resolve) => token.onCancellationRequested(() => resolve(null)));
  if (behaviour === 'silent' && method !== 'initialize') return new Promise(() => undefined);
  if (behaviour === 'dies-of-news' && JSON.stringify(params) === '{"number":13}') process.exit(3);
  if (behaviour === 'crashes' && method === 'assign-work') process.exit(3);
  return behaviour.startsWith('v5') ? v5(method, params) : rfc(method);
});
connection.onClose(() => process.exit(0));
connection.listen();

function rfc(method: string) {
  switch (method) {
    case 'initialize':
      if (behaviour === 'garbage') process.stdout.write('Hello, this is no protocol\r\n\r\n');
      if (behaviour === 'flood')
        for (let i = 0; i < 5000; i++) void connection.sendRequest('list-agents', {});
      return { clusterFields: [], profileFields: [] };
    case 'assign-work':
      return assign();
    case 'list-instances':
      return { clusterIds: [], instances: [] };
    default:
      return null;
  }
}

function assign() {
  switch (behaviour) {
    case 'greedy':
      held = Buffer.alloc(GREED_BYTES, 1);
      return { decisions: [], held: held.length };
    case 'endless':
      process.stdout.write(`Content-Length: ${16 * 1024 * 1024 + 1}\r\n\r\n`);
      return { decisions: [] };
    case 'lies':
      return { decisions: [{ action: 'dance', jobId: 'x' }] };
    default:
      return { decisions: [] };
  }
}

function v5(method: string, params: unknown) {
  switch (behaviour) {
    case 'v5-pulls':
      return pull(method);
    case 'v5-crashes':
      return process.exit(3);
    case 'v5-refuses':
      return { responseCode: 500, responseBody: 'The quota is used up' };
    case 'v5-slow-ping':
      return method.endsWith('.server-ping') ? new Promise(() => undefined) : recorded(method);
    case 'v5-migrates':
      return method.endsWith('.migrate-config') ? migrate(params) : simple(method, params);
    case 'v5-stumbles':
      return stumble(params);
    case 'v5-recorded':
      return recorded(method);
    default:
      return simple(method, params);
  }
}

function simple(method: string, params: unknown) {
  const name = method.replace('cd.go.elastic-agent.', '');
  if (name === 'migrate-config')
    return { responseCode: 200, responseBody: (params as { requestBody: string }).requestBody };
  if (name === 'server-ping')
    void connection.sendRequest('go.processor.elastic-agents.list-agents', { apiVersion: '1.0' });
  const body = V5[name];
  return { responseCode: 200, ...(body === undefined ? {} : { responseBody: JSON.stringify(body) }) };
}

/** What was `old` is `new`. */
function migrate(params: unknown) {
  const { requestBody } = params as { requestBody: string };
  return { responseCode: 200, responseBody: requestBody.replaceAll('"old":', '"new":') };
}

/** Over some jobs, by their numbers. */
function stumble(params: unknown) {
  const { requestBody } = params as { requestBody: string };
  const { job_identifier } = JSON.parse(requestBody) as { job_identifier: { job_id: number } };
  if (job_identifier.job_id === 13) return { responseCode: 500, responseBody: 'NullPointerException' };
  if (job_identifier.job_id === 14) process.exit(3);
  return { responseCode: 200, responseBody: 'true' };
}

/** create-agent is answered when there was a ping. */
async function pull(method: string) {
  if (method.endsWith('.server-ping')) pulled.resolve();
  if (method.endsWith('.create-agent')) await pulled.promise;
  return { responseCode: 200 };
}

/** As the fixtures have it. */
function recorded(method: string) {
  if (method.endsWith('.server-ping'))
    void connection.sendRequest('go.processor.elastic-agents.list-agents', { apiVersion: '1.0' });
  const responseBody = v5Fixtures().find(({ name }) => name === method)?.response;
  return { responseCode: 200, ...(responseBody === undefined ? {} : { responseBody }) };
}
