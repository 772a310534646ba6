// One seeded interleaving of what may happen to elastic jobs and agents.

import { type ElasticWorld, PIPELINES, triggerAndWait } from './elastic-world.ts';
import type { Mischief } from './scripted-cloud.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

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
  | 'time passes'
  | 'plugin misbehaves'
  | 'plugin crashes'
  | 'plugin is back'
  | 'server restarts';

const WEIGHTS: Readonly<Record<Happening, number>> = {
  schedule: 5,
  register: 8,
  ask: 10,
  build: 4,
  complete: 6,
  cancel: 3,
  'machine dies': 2,
  'time passes': 7,
  'plugin misbehaves': 2,
  'plugin crashes': 1,
  'plugin is back': 2,
  'server restarts': 1,
};
const LOTS = Object.entries(WEIGHTS).flatMap(([what, weight]) =>
  Array.from({ length: weight }, () => what as Happening),
);
const MISCHIEFS: readonly Mischief[] = ['throw', 'silence', 'lie', 'decline'];

/** Does `steps` things, lets everything end, and answers what happened. Faults are in `world.faults`. */
export async function interleave(world: ElasticWorld, chance: Chance, steps: number): Promise<Happening[]> {
  const happened: Happening[] = [];
  const pick = <T>(from: readonly T[]) => from[chance.integer(0, from.length - 1)];
  for (let step = 0; step < steps; step++) {
    const what = step === 0 ? 'schedule' : (pick(LOTS) ?? 'ask');
    happened.push(what);

    const living = world.living();
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
  /** One of the living agents that are such. */
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
  'time passes': ({ world, pick }) => world.pass(pick([1, 5, 20, 40, 90, 150]) ?? 1),
  'plugin misbehaves': ({ world, chance, pick }) => {
    world.cloud.mischief = () => (chance.integer(0, 2) === 0 ? undefined : pick(MISCHIEFS));
  },
  'plugin crashes': ({ world }) => {
    world.cloud.unavailable = 'Plugin scripted is not running.';
  },
  'plugin is back': ({ world: { cloud } }) => {
    cloud.unavailable = undefined;
    cloud.mischief = () => undefined;
    cloud.broker.pluginChanged(cloud.pluginId);
  },
  'server restarts': ({ world }) => world.restartServer(),
};
