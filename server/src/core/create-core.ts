// Puts the core together. Everything that the server needs after a restart is in the database; what is in memory is made from it here.

import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@go-agent/runtime';
import { type Clock, Secret } from '@go-agent/runtime/core';
import { AgentRollout } from '../bundles/rollout/agent-rollout.ts';
import { rolloutParts } from '../bundles/rollout/rollout-parts.ts';
import { PipelineLibrary } from '../config/pipeline-library.ts';
import type { CoreOptions, ServerCore } from '../core.ts';
import { type Elastic, type ElasticOptions, openElastic } from '../elastic/open-elastic.ts';
import { StoredElasticProfiles } from '../elastic/profiles/stored-profiles.ts';
import { LocalEventBus } from '../events/event-bus.ts';
import { removeLeftCredentials } from '../materials/git-credentials.ts';
import { GitPoller } from '../materials/git-poller.ts';
import { MaterialUpdates } from '../materials/material-updates.ts';
import { Assigner } from '../scheduler/assigner.ts';
import { AutomaticRuns } from '../scheduler/automatic-runs.ts';
import { JobBoard } from '../scheduler/job-board.ts';
import { OperatedPipelineDesk } from '../scheduler/pipeline-desk.ts';
import type { SchedulerContext } from '../scheduler/scheduler-context.ts';
import { UnmetJobs } from '../scheduler/unmet-jobs.ts';
import { AgentWorkDesk } from '../scheduler/work-desk.ts';
import { Writer } from '../scheduler/writer.ts';
import { openSecretBox, type SecretBox } from '../store/secret-box.ts';
import { openStore, type Store } from '../store/store.ts';
import { StoredFilesInForce } from '../store/stored-files-in-force.ts';
import { RegisteredAgentDesk } from './agents/agent-desk.ts';
import { AgentRegistry } from './agents/agent-registry.ts';
import { Background } from './background.ts';
import { ConfigWatch } from './config-watch.ts';
import { coreServices } from './core-services.ts';
import { forgetPipelines } from './forget-pipelines.ts';
import { HealthBoard } from './health-board.ts';
import { tellChanges } from './tell-changes.ts';

const DATABASE = 'server.db';
const MATERIALS = 'materials';
const POLL_DEADLINE_MS = 300_000;
const PARALLEL_POLLS = 4;

export interface CoreDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Elastic plugins, instead of those of the plugin folders. For tests. */
  readonly providers?: ElasticOptions['providers'];
}

/** @throws AppError `schema-newer`, `secret-key`, `secret-unreadable` */
export async function createCore(
  options: CoreOptions,
  { clock, logger, providers }: CoreDeps,
): Promise<ServerCore> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  await mkdir(options.pipelinesDir, { recursive: true });
  await using opening = new AsyncDisposableStack();
  const secrets = await openSecretBox(options.dataDir);
  const store = opening.use(await openStore(join(options.dataDir, DATABASE)));
  const tokenKey = await openTokenKey(store, secrets);

  const lifetime = new AbortController();
  const events = new LocalEventBus(logger);
  const health = new HealthBoard(events, clock);
  const background = new Background(logger);
  const board = new JobBoard(() => clock.monotonic());
  const profiles = new StoredElasticProfiles();
  await profiles.load(store.read);
  const library = new PipelineLibrary(
    options.pipelinesDir,
    secrets,
    new StoredFilesInForce(store),
    () => profiles.current,
  );
  const config = () => library.model;
  const registry = new AgentRegistry({ clock, events, board, config });
  const writer = new Writer(store, (changes) =>
    tellChanges(changes, { board, events, registry, assigner, broker: () => late.elastic?.broker }),
  );
  const triggered = new Set<string>();
  // Made last, and told of changes that come before.
  const late: { elastic?: Elastic } = {};
  const context: SchedulerContext = {
    clock,
    logger,
    store,
    writer,
    board,
    registry,
    background,
    health,
    secrets,
    files: options.files,
    config,
    considerAutomatic: (pipeline) => automatic.consider(pipeline),
  };
  const assigner = new Assigner(context);
  const automatic = new AutomaticRuns(context, triggered, lifetime.signal);
  const materialsDir = join(options.dataDir, MATERIALS);
  await removeLeftCredentials(materialsDir);
  const updates = new MaterialUpdates({
    store,
    health,
    git: new GitPoller({
      folder: materialsDir,
      clock,
      deadlineMs: POLL_DEADLINE_MS,
      open: (sealed) => secrets.open(sealed),
    }),
    clock,
    parallel: PARALLEL_POLLS,
    pollMs: options.materialPollMs,
    signal: lifetime.signal,
    onNews: (fingerprint) => {
      for (const { name } of config().pipelinesWith(fingerprint)) automatic.consider(name);
    },
  });
  const configWatch = new ConfigWatch({
    library,
    health,
    events,
    logger,
    changed: () => {
      const materials = config().materials();
      updates.forgetAllBut(new Set(materials.map((material) => material.fingerprint)));
      background.run('Polling new materials', () => updates.pollUnknown(materials));
      forgetPipelines(context);
      for (const { name } of config().pipelines) automatic.consider(name);
      assigner.reconsiderAll();
      late.elastic?.configChanged();
    },
  });

  for (const record of await store.read.jobs.active()) board.apply(record);
  for (const record of await store.read.agents.all()) registry.restore(record);
  const rollout = await AgentRollout.open(rolloutParts(context));
  const elastic = await openElastic({
    scheduler: context,
    assigner,
    events,
    dataDir: options.dataDir,
    serverUrl: options.serverUrl,
    pluginFolders: options.pluginFolders ?? [],
    environment: options.environment ?? {},
    stored: profiles,
    reload: () => configWatch.reload(),
    fileOfProfile: (kind, id) => library.fileOfProfile(kind, id),
    ...(providers === undefined ? {} : { providers }),
  });
  late.elastic = elastic;
  await configWatch.reload();

  const unmet = new UnmetJobs(context, events);
  const { autoRegisterKey, autoRegisterLocalAgents } = options;
  const owned = opening.move();
  return {
    agents: new RegisteredAgentDesk({
      context,
      assigner,
      tokenKey,
      autoRegisterKey,
      autoRegisterLocalAgents,
      elastic: elastic.broker,
    }),
    elastic: elastic.desk,
    work: new AgentWorkDesk(context, assigner),
    pipelines: new OperatedPipelineDesk({ context, updates, triggered }),
    events,
    rollout,
    waits: () => {
      const unmetWait = unmet.waits();
      return (jobId) => elastic.desk.waitOf(jobId) ?? unmetWait(jobId);
    },
    health: () => health.messages(),
    encrypt: (plain) => secrets.seal(plain),
    services: [
      ...coreServices({ options, clock, context, updates, configWatch, unmet }),
      rollout,
      ...elastic.services,
    ],
    async [Symbol.asyncDispose]() {
      lifetime.abort(new Error('The server is stopping'));
      assigner.releaseAll();
      // In this order: what a poll has found is looked at in the background.
      await updates.idle();
      await background.idle();
      await owned.disposeAsync();
    },
  };
}

/** Tokens are made from it for ever: an agent never asks for its token again. Sealed in the database. */
async function openTokenKey(store: Store, secrets: SecretBox): Promise<Secret> {
  const sealed = await store.write(({ settings }) =>
    settings.getOrSet('agent-token-key', secrets.seal(randomUUID())),
  );
  return new Secret(secrets.open(sealed));
}
