import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { PluginContext } from './plugin-context.ts';
import { Removals } from './removals.ts';

function setup() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const log: string[] = [];
  const context = { clock, stop: stop.signal, log: (_: string, text: string) => log.push(text) };
  const removals = new Removals(context as unknown as PluginContext);
  const works: (PromiseWithResolvers<void> & { readonly signal: AbortSignal })[] = [];
  const remove = (agentId: string) =>
    removals.remove(agentId, (signal) => {
      const work = { ...Promise.withResolvers<void>(), signal };
      works.push(work);
      return work.promise;
    });
  return { clock, log, works, remove };
}

const LATE = { code: 'deadline-exceeded', retryable: true };

test('an agent is removed once at a time, however often that is asked for', async () => {
  const { works, remove } = setup();
  const asked = [remove('a'), remove('a'), remove('b')];
  expect(works).toHaveLength(2);
  for (const work of works) work.resolve();
  await Promise.all(asked);
  const again = remove('a');
  expect(works).toHaveLength(3);
  works[2]?.reject(new Error('device busy'));
  await expect(again).rejects.toThrow('device busy');
});

test('a removal that takes long is answered before the server gives up, goes on, and the next request waits for it', async () => {
  const { clock, works, remove } = setup();
  const first = expect(remove('a')).rejects.toMatchObject(LATE);
  await clock.advance(55_000);
  await first;
  expect(works[0]?.signal.aborted).toBe(false);
  const second = remove('a');
  works[0]?.resolve();
  await second;
  expect(works).toHaveLength(1);
});

test('a removal that never ends is given up, and begun anew', async () => {
  const { clock, log, works, remove } = setup();
  const first = expect(remove('a')).rejects.toMatchObject(LATE);
  await clock.advance(3_600_000);
  await first;
  expect(works[0]?.signal.aborted).toBe(true);
  expect(log).toEqual(['agent a could not be removed']);
  void remove('a');
  expect(works).toHaveLength(2);
});
