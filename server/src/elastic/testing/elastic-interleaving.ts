// One seeded interleaving of what may happen to elastic jobs and agents.

import { type ElasticWorld, triggerAndWait } from './elastic-world.ts';
import { PIPELINES } from './elastic-world-file.ts';
import { HOSTS } from './moving-cluster.ts';
import type { Mischief } from './scripted-cloud.ts';
import { SimulatedAgent } from './simulated-agent.ts';

export interface Chance {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

export type Happening =
  | 'schedule'
  | 'register'
  | 'ask'
  | 'build'
  | 'complete'
  | 'cancel'
  | 'machine dies'
  | 'instance fails'
  | 'stray instance'
  | 'agent comes twice'
  | 'operator disables'
  | 'network is cut'
  | 'network is back'
  | 'time passes'
  | 'plugin misbehaves'
  | 'plugin lists'
  | 'plugin crashes'
  | 'plugin is back'
  | 'cluster moves'
  | 'password changes'
  | 'min_idle changes'
  | 'server restarts';

const WEIGHTS: Readonly<Record<Happening, number>> = {
  schedule: 5,
  register: 8,
  ask: 10,
  build: 4,
  complete: 6,
  cancel: 3,
  'machine dies': 2,
  'instance fails': 1,
  'stray instance': 1,
  'agent comes twice': 2,
  'operator disables': 1,
  'network is cut': 2,
  'network is back': 2,
  'time passes': 7,
  'plugin misbehaves': 3,
  'plugin lists': 2,
  'plugin crashes': 1,
  'plugin is back': 2,
  'cluster moves': 2,
  'password changes': 2,
  'min_idle changes': 2,
  'server restarts': 1,
};
const LOTS = Object.entries(WEIGHTS).flatMap(([what, weight]) =>
  Array.from({ length: weight }, () => what as Happening),
);
const MISCHIEFS: readonly Mischief[] = [
  'throw',
  'silence',
  'lie',
  'greed',
  'greed',
  'decline',
  'late',
  'late',
];

/** Does `steps` things, lets everything end, and answers what happened. Faults are in `world.faults`. */
export async function interleave(world: ElasticWorld, chance: Chance, steps: number): Promise<Happening[]> {
  const happened: Happening[] = [];
  const pick = <T>(from: readonly T[]) => from[chance.integer(0, from.length - 1)];
  for (let step = 0; step < steps; step++) {
    const what = step === 0 ? 'schedule' : (pick(LOTS) ?? 'ask');
    happened.push(what);

    const living = world.living().filter(({ silent }) => !silent);
    await DEEDS[what]({ world, chance, pick, one: (is) => pick(living.filter(is)) });
    await world.settle();
  }
  await world.finish();
  return happened;
}

interface Scene {
  readonly world: ElasticWorld;
  readonly chance: Chance;
  pick<T>(from: readonly T[]): T | undefined;
  /** One of those that live and are heard, if there is such a one. */
  one(is: (agent: SimulatedAgent) => boolean): SimulatedAgent | undefined;
}

const DEEDS: Readonly<Record<Happening, (scene: Scene) => Promise<unknown> | void>> = {
  schedule: ({ world, pick }) => triggerAndWait(world, pick(PIPELINES) ?? 'p1'),
  register: ({ world, one }) => one((agent) => !agent.isRegistered)?.register(world.core),
  ask: ({ world, one }) => one((agent) => agent.isRegistered)?.ask(world.core),
  build: ({ world, one }) => one((agent) => agent.job !== undefined)?.work(world.core, false),
  complete: ({ world, one }) => one((agent) => agent.job !== undefined)?.work(world.core, true),
  cancel: ({ world, pick }) => {
    const job = pick([...world.jobs.values()]);
    if (job === undefined) return undefined;
    return world.core.pipelines.cancelStage(job.pipeline, job.counter, job.stage, job.stageCounter, 'bob');
  },
  'machine dies': ({ one }) => {
    const agent = one(() => true);
    if (agent !== undefined) agent.machine.dead = true;
  },
  'instance fails': async ({ world, one }) => {
    const agent = one(() => true);
    if (agent === undefined) return;
    agent.machine.dead = true;
    await world.cloud.broker.instanceFailed(world.cloud.pluginId, agent.machine.agentId, 'It has ended.');
  },
  'stray instance': ({ world: { cloud, cluster }, chance, pick }) => {
    const agentId = `stray-${chance.integer(0, 1_000_000)}`;
    cloud.machines.set(agentId, {
      agentId,
      clusterId: 'cloud',
      key: 'of nobody',
      host: pick([...cloud.machines.values()])?.host ?? cluster.host,
      dead: chance.integer(0, 1) === 0,
    });
  },
  'agent comes twice': async ({ world, one }) => {
    const agent = one(({ isRegistered }) => isRegistered);
    if (agent === undefined) return;
    const again = new SimulatedAgent(agent.machine, `${agent.uuid}-again`);
    if (await again.register(world.core)) world.faults.push(`the key of ${agent.uuid} was good twice`);
    agent.machine.dead = true;
  },
  'operator disables': ({ world, one }) => {
    const agent = one(({ isRegistered }) => isRegistered);
    return agent && world.core.agents.update(agent.uuid, { configState: 'disabled' }).then(() => undefined);
  },
  'network is cut': ({ world, chance }) => {
    for (const agent of world.living()) agent.silent = chance.integer(0, 3) > 0;
  },
  'network is back': ({ world }) => {
    for (const agent of world.living()) agent.silent = false;
  },
  'time passes': ({ world, pick }) => world.pass(pick([1, 5, 20, 40, 90, 150]) ?? 1),
  'plugin misbehaves': ({ world, chance, pick }) => {
    world.cloud.mischief = () => (chance.integer(0, 2) === 0 ? undefined : pick(MISCHIEFS));
  },
  'plugin lists': ({ world: { cloud } }) =>
    // What it throws is for the caller, who asks again a minute later.
    cloud.broker.reconcile(cloud.pluginId).catch(() => undefined),
  'plugin crashes': ({ world }) => {
    world.cloud.unavailable = 'Plugin scripted is not running.';
  },
  'plugin is back': ({ world: { cloud } }) => {
    cloud.recover();
    cloud.broker.pluginChanged(cloud.pluginId);
  },
  'cluster moves': ({ world, pick }) => {
    const host = pick(HOSTS.filter((each) => each !== world.cluster.host));
    return host === undefined ? undefined : world.changeCluster((cluster) => cluster.moveTo(host));
  },
  'password changes': ({ world, chance }) => {
    const isOldRefused = chance.integer(0, 1) === 0;
    return world.changeCluster((cluster) => cluster.renewPassword(isOldRefused));
  },
  'min_idle changes': ({ world, chance }) => world.keepWarm(chance.integer(0, 2)),
  'server restarts': ({ world }) => world.restartServer(),
};
