import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGENT_LOCK, type AgentLaunchRequest, type AgentStatus } from '@go-agent/protocol/launch-contract';
import { type Logger, runServices } from '@go-agent/runtime';
import type { Clock } from '@go-agent/runtime/core';
import { tryLockCache } from '../job-host/materials/git/cache/cache-lock.ts';
import { readBootId } from '../journal/boot-id.ts';
import { CONTAINMENT_VARIABLE } from '../journal/containment-choice.ts';
import { Housekeeper } from '../space/housekeeper.ts';
import { acquireLock } from './agent-lock.ts';
import { type AgentProfile, AgentSelf } from './agent-self.ts';
import { openControls } from './control/agent-controls.ts';
import type { ControlInbox } from './control/control-inbox.ts';
import { StatusBoard } from './control/status-board.ts';
import { AutoRegisterFile } from './identity/auto-register.ts';
import { IdentityFiles } from './identity/identity-files.ts';
import { keepGuidBinding } from './identity/keep-guid-binding.ts';
import { diskSpace, hostName, localAddress, operatingSystemName } from './identity/machine.ts';
import { findJobUser } from './job-user/find-job-user.ts';
import { openHome } from './job-user/open-home.ts';
import { HostPool } from './jobs/host-pool.ts';
import { JobDesk } from './jobs/job-desk.ts';
import { InstructionLoop } from './loops/instruction-loop.ts';
import { PingLoop } from './loops/ping-loop.ts';
import { WorkLoop } from './loops/work-loop.ts';
import { AgentServer } from './server/agent-server.ts';
import { HttpClient } from './server/http-client.ts';
import { RegistrationClient } from './server/registration-client.ts';
import { Session } from './session.ts';
import { hiddenVariables, withoutVariables } from './settings/hidden-environment.ts';
import { LiveSettings } from './settings/live-settings.ts';
import { UpgradeCheck } from './upgrade-check.ts';

/** What an agent is launched with. Without `offered` there is no launcher that could upgrade it. */
export type Launch = Omit<AgentLaunchRequest, 'type' | 'contract' | 'agentMd5' | 'offered'> &
  Partial<Pick<AgentLaunchRequest, 'agentMd5' | 'offered'>>;

export interface CourierOptions {
  readonly launch: Launch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly agentVersion: string;
  /** The file whose `main` is the job host. */
  readonly hostEntry: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborted: go at once, leave a running job to its host. */
  readonly leave: AbortSignal;
  /** Aborted: take no more work, and go once there is no job. */
  readonly drain: AbortSignal;
  /** Aborted, together with `drain`: end the running job with this process. */
  readonly stop: AbortSignal;
  readonly onReady: () => void;
  /** The first accepted ping. */
  readonly onRegistered: () => void;
  /** What the operator wants, by way of the launcher. */
  readonly inbox: ControlInbox;
  readonly onStatus: (status: AgentStatus) => void;
}

/**
 * Works for one server until there is a reason to go: see the signals, or another bundle on the server.
 * @throws AppError agent-locked, agent-settings
 */
export async function runCourier(options: CourierOptions): Promise<void> {
  const { launch, environment, clock, log, leave, drain, stop } = options;
  const { home, serverUrl } = launch;
  const live = new LiveSettings(launch.settings, log);
  const settings = live.values;
  const board = new StatusBoard(options.onStatus);
  await using resources = new AsyncDisposableStack();
  await mkdir(join(home, 'logs'), { recursive: true });
  resources.use(await acquireLock(join(home, AGENT_LOCK), clock));
  const jobUser = settings.runJobsAs === undefined ? undefined : await findJobUser(settings.runJobsAs);
  if (jobUser !== undefined) await openHome(home, jobUser);
  const { connectTimeoutMs, answerTimeoutMs, tls } = settings;
  const http = resources.use(await HttpClient.open({ serverUrl, connectTimeoutMs, answerTimeoutMs, tls }));
  const files = new IdentityFiles(home);
  const autoRegister = new AutoRegisterFile(home, launch.settings, environment);
  const profile = await describeAgent(options, files, autoRegister);
  const self = new AgentSelf(profile, (await diskSpace(home)).freeBytes, log);
  const { uuid } = profile.identifier;
  const server = new AgentServer({
    http,
    uuid,
    token: () => session.token,
    runtimeInfo: () => self.runtimeInfo(),
  });
  const client = new RegistrationClient(http);
  const session = new Session({ self, files, autoRegister, client, http, server, clock, log });
  const hidden = hiddenVariables(environment);
  const hosts = resources.use(
    new HostPool({
      runtime: launch.runtime,
      hostEntry: launch.settings['job-host-entry'] ?? options.hostEntry,
      home,
      environment: {
        ...withoutVariables(environment, hidden),
        [CONTAINMENT_VARIABLE]: settings.containment,
      },
      errorLog: join(home, 'logs', 'go-agent-job-host.log'),
      settings,
      clock,
    }),
  );
  const bootId = await readBootId();
  const core = { self, session, server, settings, home, clock, log };
  const pluginFolders = [launch.settings['task-plugins'], launch.pluginsFolder].filter(
    (folder) => folder !== undefined,
  );
  const housekeeper = new Housekeeper({
    home,
    temporary: tmpdir(),
    limits: settings.spaceLimits,
    ...(jobUser === undefined ? {} : { owner: { uid: jobUser.uid, gid: jobUser.gid } }),
    tryLock: tryLockCache,
    clock,
    log,
  });
  const desk = new JobDesk({
    ...core,
    http,
    hosts,
    bootId,
    serverUrl,
    hiddenEnvironment: [...hidden, CONTAINMENT_VARIABLE],
    pluginFolders,
    jobUser,
    stop,
    noteUse: (workingDir) => housekeeper.noteUse(workingDir),
  });
  const upgrade = new UpgradeCheck({ launch, uuid, client, clock, log });
  const onVersions = upgrade.noteVersions.bind(upgrade);
  const controls = openControls({ ...core, desk, board, live, inbox: options.inbox, onVersions });
  const { gate, fitness } = controls;
  const work = new WorkLoop({
    ...core,
    gate,
    fitness,
    onUp: () => board.noteUp(),
    onDisabled: (isDisabled) => board.noteDisabled(isDisabled),
    desk,
    hosts,
    housekeeper,
    upgrade,
    drain,
  });
  const instruction = new InstructionLoop({
    self,
    desk,
    settings,
    clock,
    log,
  });
  const onInstruction = instruction.post.bind(instruction);
  const { onContact, onFailure } = controls;
  const ping = new PingLoop({
    ...core,
    onInstruction,
    onAccepted: options.onRegistered,
    onContact,
    onFailure,
  });
  log.info({ uuid, profile, serverUrl }, 'The agent works');
  await keepGuidBinding(home, uuid, clock, log);
  options.onReady();
  await runServices([work, instruction, ping, ...controls.services], leave);
}

async function describeAgent(
  { launch, agentVersion, clock, log }: CourierOptions,
  files: IdentityFiles,
  autoRegister: AutoRegisterFile,
): Promise<AgentProfile> {
  const { elasticAgentId, elasticPluginId, problem } = await autoRegister.read();
  if (problem !== undefined) log.warn(`No matter to a registered agent: ${problem}`);
  const ipAddress = await localAddress(launch.serverUrl, clock);
  return {
    identifier: { hostName: hostName(), ipAddress, uuid: await files.guid() },
    location: launch.home,
    operatingSystemName: await operatingSystemName(),
    bootstrapperVersion: launch.bootstrapperVersion,
    agentVersion,
    ...(elasticPluginId === '' ? {} : { elastic: { agentId: elasticAgentId, pluginId: elasticPluginId } }),
  };
}
