import { expect, test } from 'vitest';
import { interleave } from './elastic-interleaving.ts';
import { ElasticWorld } from './elastic-world.ts';

/** Mulberry32. */
function chance(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { integer: (low: number, high: number) => low + Math.floor(next() * (high - low + 1)) };
}

test('whatever happens to jobs, agents, plugin and server: no job is killed, no agent is left, no job waits without a reason', async () => {
  await using world = await ElasticWorld.open();
  for (let seed = 1; seed <= 10; seed++) {
    const happened = await interleave(world, chance(seed), 25);
    expect(world.faults, `seed ${seed}: ${happened.join(', ')}`).toEqual([]);
  }
});
