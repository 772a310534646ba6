import { isAbsolute } from 'node:path';
import { AppError, backoffDelay } from '@go-agent/runtime/core';
import { type Cluster, defineProvider, type FoundAgent } from '../sdk/provider.ts';
import { decodeCreated, decodeMachines } from './decode-machines.ts';
import { runCommand } from './run-command.ts';
import { type CommandCluster, clusterSchema, profileSchema } from './schema.ts';
import { makeUserData, removeOrders } from './user-data.ts';

export interface CommandHost {
  /** The Node that runs a `go-agent.mjs`. */
  readonly node: string;
  /** The bootstrapper, if the cluster names none. */
  readonly goAgent: string;
  /** The environment of every command, less what the cluster adds. */
  readonly env: Readonly<Record<string, string>>;
}

type Connected = Cluster<CommandCluster, Connection>;

interface Connection {
  readonly goAgent: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What was said last of machines that are no agents. */
  warned: string;
}

const PLUGIN_ID = 'go-agent.command';
const AGAIN = { firstMs: 500, factor: 2, maxMs: 5000 } as const;

/** Machines of any cloud, by three commands of the operator's own. */
export function commandProvider({ node, goAgent, env }: CommandHost) {
  /** Orders whose create command was run before, of all clusters; whether it made a machine, only a list can tell. */
  const tried = new Set<string>();
  let tidied: Promise<void> | undefined;
  return defineProvider({
    id: PLUGIN_ID,
    name: 'Machines by your own commands',
    version: '1.0.0',
    description: 'Runs each agent on a machine of its own, which your commands create, list and delete.',
    clusterSchema,
    profileSchema,
    checkCluster: ({
      go_agent: path,
      package_url: url,
      package_sha256: digest,
      secret_environment: secret,
    }) => [
      ...(path === undefined || isAbsolute(path)
        ? []
        : [{ key: 'go_agent', message: 'Must be an absolute path.' }]),
      ...((url === undefined) === (digest === undefined)
        ? []
        : [{ key: 'package_sha256', message: 'package_url and package_sha256 go together.' }]),
      ...(pairsOf(secret) === null
        ? [{ key: 'secret_environment', message: 'Must have NAME=value on each line.' }]
        : []),
    ],

    async connect({ properties, tools }): Promise<Connection> {
      tidied ??= removeOrders(tools.dataFolder);
      await tidied;
      const path = properties.go_agent ?? goAgent;
      return {
        goAgent: /\.[cm]?[jt]s$/.test(path) ? [node, path] : [path],
        env: { ...env, ...properties.environment, ...pairsOf(properties.secret_environment) },
        warned: '',
      };
    },

    async create(order, cluster, signal) {
      const { connection, properties, tools } = cluster;
      const { agentId, profileId, profile, labels } = order;
      if (tried.has(agentId) && (await list(cluster, signal)).some((found) => found.agentId === agentId)) {
        return { type: 'created' };
      }
      const maker = { goAgent: connection.goAgent, env, pluginId: PLUGIN_ID };
      await using userData = await makeUserData(order, properties, maker, tools, signal);
      if (properties.dry_run) {
        tools.log(
          'info',
          `dry run: ${agentId} of profile ${profileId} would be created with ${userData.text.length} bytes of user-data`,
        );
        return { type: 'refused', reason: 'This cluster is on a dry run: nothing is created' };
      }
      tried.add(agentId);
      const input = {
        name: agentId,
        labels,
        userData: userData.text,
        userDataFile: userData.file,
        profile: { id: profileId, options: profile.options },
      };
      try {
        const { create_command: command, create_timeout: timeoutMs } = properties;
        return decodeCreated(await run(cluster, 'create', command, timeoutMs, input, signal));
      } catch (error) {
        if (!(error instanceof AppError) || error.retryable) throw error;
        return { type: 'refused', reason: error.message };
      }
    },

    list: (cluster, signal) => again(cluster, signal, () => list(cluster, signal)),

    async remove(agentId, cluster, signal) {
      const { properties, labels, tools } = cluster;
      if (properties.dry_run) {
        tools.log('info', `dry run: ${agentId} would be deleted`);
        return;
      }
      const { delete_command: command, delete_timeout: timeoutMs } = properties;
      const found = await again(cluster, signal, () => list(cluster, signal));
      tried.delete(agentId);
      // A name might be another's: only what is listed as this cluster's is deleted.
      if (!found.some((each) => each.agentId === agentId)) return;
      await again(cluster, signal, () =>
        run(cluster, 'delete', command, timeoutMs, { name: agentId, labels }, signal),
      );
    },
  });
}

async function list(cluster: Connected, signal: AbortSignal): Promise<readonly FoundAgent[]> {
  const { list_command: command, list_timeout: timeoutMs } = cluster.properties;
  const { connection, labels, tools } = cluster;
  const output = await run(cluster, 'list', command, timeoutMs, { labels }, signal);
  const { agents, strangers } = decodeMachines(output, labels);
  const warning =
    strangers.length === 0
      ? ''
      : `The list command of cluster ${cluster.id} must print the machines that have the labels that it gets, each with its labels; ${strangers.slice(0, 3).join(', ')} (${strangers.length} in all) cannot be told to be agents, and are left alone`;
  // Not at each list.
  if (warning !== '' && warning !== connection.warned) tools.log('warn', warning);
  connection.warned = warning;
  return agents;
}

function run(
  { id, properties, connection, tools }: Connected,
  what: 'create' | 'list' | 'delete',
  command: string,
  timeoutMs: number,
  input: object,
  signal: AbortSignal,
): Promise<string> {
  const request = { action: what, ...input, cluster: { id, options: properties.options } };
  return runCommand(
    {
      what: `The ${what} command`,
      command: '/bin/sh',
      args: ['-c', command],
      cwd: tools.dataFolder,
      env: connection.env,
      input: `${JSON.stringify(request)}\n`,
      timeoutMs,
    },
    tools.clock,
    signal,
  );
}

/** Whatever failed: a cloud's API has bad moments, and a list or a deletion does no harm twice. */
async function again<T>(
  { properties, tools }: Connected,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= properties.retries) throw error;
      tools.log('warn', 'a command has failed and is run again', error);
      await tools.clock.sleep(backoffDelay(AGAIN, attempt), signal);
    }
  }
}

/** Null if a line is no NAME=value. */
function pairsOf(text: string | undefined): Readonly<Record<string, string>> | null {
  const lines = (text ?? '').split('\n').map((line) => line.trim());
  const entries = lines.filter((line) => line !== '').map((line) => /^([^=\s]+)\s*=(.*)$/.exec(line));
  if (entries.includes(null)) return null;
  return Object.fromEntries(entries.map((entry) => [entry?.[1] ?? '', entry?.[2] ?? '']));
}
