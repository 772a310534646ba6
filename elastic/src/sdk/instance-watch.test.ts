import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { InstanceWatch } from './instance-watch.ts';
import type { PluginContext } from './plugin-context.ts';
import type { FoundAgent } from './provider.ts';

const GONE = 'It is not there any more';
const vm = (state: FoundAgent['state'] = 'running', detail?: string): FoundAgent => ({
  agentId: 'vm',
  state,
  ...(detail === undefined ? {} : { detail }),
});

/** Lists, each begun so many milliseconds after the start, and what was told. */
function told(...lists: readonly (readonly [at: number, found: readonly FoundAgent[]])[]): string[] {
  const news: string[] = [];
  const watch = new InstanceWatch((agentId, reason) => news.push(`${agentId}: ${reason}`));
  for (const [at, found] of lists) watch.seen(found, at);
  return news;
}

test('one list without an agent that is there in the next is no news', () => {
  expect(told([0, [vm()]], [60_000, []], [120_000, [vm()]], [180_000, []])).toEqual([]);
});

test('an agent that is in neither of two lists is gone, once', () => {
  const lists = [[0, [vm()]] as const, [60_000, []] as const, [120_000, []] as const, [180_000, []] as const];
  expect(told(...lists)).toEqual([`vm: ${GONE}`]);
});

test('two lists of the same moment count as one', () => {
  expect(told([0, [vm()]], [60_000, []], [60_000, []], [60_100, []])).toEqual([]);
});

test('what has ended is told at the first list, once, also when it ended before this plugin was started', () => {
  const ended = vm('ended', 'out of memory');
  expect(told([0, [vm()]], [60_000, [ended]], [120_000, [ended]])).toEqual(['vm: out of memory']);
  expect(told([0, [ended]], [60_000, [ended]])).toEqual(['vm: out of memory']);
});

test('a list that began before an agent was made says nothing of it, and the end of one that was to end is no news', () => {
  const news: string[] = [];
  const watch = new InstanceWatch((agentId) => news.push(agentId));
  watch.made('vm', 10);
  watch.seen([], 5);
  watch.seen([], 10_000);
  watch.seen([vm()], 20_000);
  watch.forget('vm');
  watch.seen([vm('ended')], 30_000);
  watch.seen([], 40_000);
  watch.seen([], 50_000);
  expect(news).toEqual([]);
});

test('after a list without an agent there is a second look, without another sign from the provider', async () => {
  const clock = new FakeClock();
  const news: string[] = [];
  const watch = new InstanceWatch((agentId, reason) => news.push(`${agentId}: ${reason}`));
  let found: readonly FoundAgent[] = [vm()];
  let looks = 0;
  const look = async () => {
    looks++;
    watch.seen(found, clock.monotonic());
  };
  const stop = new AbortController();
  const context = { clock, log: () => undefined } as unknown as PluginContext;
  const changed = watch.looks(look, context, stop.signal);
  changed();
  await clock.advance(100);
  found = [];
  changed();
  await clock.advance(100);
  expect(news).toEqual([]);
  await clock.advance(60_000);
  expect(news).toEqual([`vm: ${GONE}`]);
  expect(looks).toBe(3);
  stop.abort();
});
