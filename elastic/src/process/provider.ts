import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { untilAborted } from '@go-agent/runtime/core';
import { stopGraceField } from '../sdk/common-fields.ts';
import { flag, lines, pairs, text } from '../sdk/field.ts';
import { type Cluster, defineProvider, type FoundAgent } from '../sdk/provider.ts';
import type { Values } from '../sdk/schema.ts';
import { type AgentNote, homeOf, homesFolder, readNote, readNotes, removeHome } from './agent-home.ts';
import { endAgent, isRunning, lastWords, startAgent } from './agent-process.ts';

export interface ProcessHost {
  /** The Node that runs a `go-agent.mjs`. */
  readonly node: string;
  /** The bootstrapper, if the cluster names none. */
  readonly goAgent: string;
  /** The environment of every agent, less what the profile adds. */
  readonly env: Readonly<Record<string, string>>;
}

const clusterSchema = {
  go_agent: text({
    title: 'Bootstrapper',
    help: 'Absolute path of go-agent or go-agent.mjs. Default: the one beside this plugin.',
  }),
  homes: text({
    title: 'Folder of the agents',
    help: 'Absolute path; each agent has a folder of its own in it. Default: the data folder of this plugin.',
  }),
  stop_grace: stopGraceField(),
  stop_with_server: flag({
    title: 'End the agents when the server stops',
    help: 'Otherwise they wait for it and go on.',
  }),
};

const profileSchema = {
  environment: pairs({ title: 'Environment', help: 'NAME=value on each line, for the agent and its jobs.' }),
  settings: pairs({
    title: 'Settings of the agent',
    help: 'name=value on each line, as for go-agent run --set.',
  }),
  resources: lines({ title: 'Resources', help: 'Not used for assignment; shown with the agent.' }),
  run_jobs_as: text({ title: 'User of the jobs', help: 'Needs root.' }),
};

type ProcessCluster = Cluster<Values<typeof clusterSchema>, Connection>;

/** What of a cluster stays the same while it is configured as it is. */
interface Connection {
  readonly homes: string;
  readonly command: readonly string[];
  /** Told when an agent that this process has started ends. */
  readonly ended: Set<() => void>;
}

/** Agents as processes of this machine: the embedded default, and what tests use. */
export function processProvider({ node, goAgent, env }: ProcessHost) {
  return defineProvider({
    id: 'go-agent.process',
    name: 'Processes on this machine',
    version: '1.0.0',
    description:
      'Runs each agent as a process of the machine on which the server runs, in a folder of its own.',
    clusterSchema,
    profileSchema,
    checkCluster: ({ homes, go_agent }) =>
      Object.entries({ homes, go_agent }).flatMap(([key, path]) =>
        path === undefined || isAbsolute(path) ? [] : [{ key, message: 'Must be an absolute path.' }],
      ),

    async connect({ labels, properties, tools }): Promise<Connection> {
      const homes = properties.homes === undefined ? homesFolder(tools.dataFolder, labels) : properties.homes;
      await mkdir(homes, { recursive: true, mode: 0o700 });
      const path = properties.go_agent ?? goAgent;
      return { homes, command: /\.[cm]?[jt]s$/.test(path) ? [node, path] : [path], ended: new Set() };
    },

    async create(order, { connection, tools }) {
      const { homes, command, ended } = connection;
      const home = homeOf(homes, order.agentId);
      const [program = '', ...before] = command;
      const script = before[0] ?? program;
      if (!existsSync(script)) {
        return {
          type: 'refused',
          reason: `There is no ${script}; build it (npm run build), or name it in the cluster`,
        };
      }
      const known = await readNote(home);
      if (known !== null && (await isRunning(known, tools.clock))) return { type: 'created' };
      await removeHome(home);
      const { environment, settings, resources, run_jobs_as } = order.profile;
      const more = {
        ...settings,
        ...(resources.length === 0 ? {} : { 'auto-register-resources': resources.join(',') }),
        ...(run_jobs_as === undefined ? {} : { 'run-jobs-as': run_jobs_as }),
        'auto-register-hostname': settings['auto-register-hostname'] ?? order.agentId,
      };
      const started = await startAgent(
        {
          home,
          note: {
            version: 1,
            agentId: order.agentId,
            profileId: order.profileId,
            labels: order.labels,
            createdAt: tools.clock.now(),
          },
          registration: order.registration,
          command: program,
          args: [
            ...before,
            'run',
            '--home',
            home,
            '--server-url',
            order.serverUrl,
            ...Object.entries(more).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
          ],
          env: { ...env, ...environment },
        },
        tools.clock,
      );
      void started.exited.then(() => ended.forEach((tell) => tell()));
      return { type: 'created' };
    },

    async list(cluster) {
      const { connection, tools } = cluster;
      const own = await ownNotes(cluster);
      return Promise.all(
        own.map(async (note): Promise<FoundAgent> => {
          const { agentId, profileId, createdAt } = note;
          if (await isRunning(note, tools.clock)) return { agentId, profileId, createdAt, state: 'running' };
          const words = await lastWords(homeOf(connection.homes, agentId));
          const detail = words === undefined ? 'The process has ended' : `The process has ended: ${words}`;
          return { agentId, profileId, createdAt, state: 'ended', detail };
        }),
      );
    },

    remove: (agentId, cluster) => remove(agentId, cluster, cluster.properties.stop_grace),

    async close(cluster) {
      if (!cluster.properties.stop_with_server) return;
      const own = await ownNotes(cluster);
      await Promise.all(
        own.map(({ agentId }) => remove(agentId, cluster, Math.min(cluster.properties.stop_grace, CLOSE_MS))),
      );
    },

    async watch({ connection: { ended } }, changed, signal) {
      ended.add(changed);
      await untilAborted(signal);
      ended.delete(changed);
    },
  });
}

/** What of the plugin's five seconds is left for the agents. */
const CLOSE_MS = 3000;

async function ownNotes({ connection, labels }: ProcessCluster): Promise<readonly AgentNote[]> {
  const notes = await readNotes(connection.homes);
  return notes.filter((note) => isOwn(note, labels));
}

function isOwn(note: AgentNote, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => note.labels[name] === value);
}

async function remove(agentId: string, cluster: ProcessCluster, graceMs: number): Promise<void> {
  const home = homeOf(cluster.connection.homes, agentId);
  const note = await readNote(home);
  if (note === null || !isOwn(note, cluster.labels)) return;
  await endAgent(note, graceMs, cluster.tools.clock);
  await removeHome(home);
}
