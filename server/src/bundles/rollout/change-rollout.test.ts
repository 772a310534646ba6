import { expect, test } from 'vitest';
import {
  endRollout,
  freeze,
  haltRollout,
  removePin,
  resumeRollout,
  type StartWish,
  setPin,
  startRollout,
  unfreeze,
} from './change-rollout.ts';
import { NO_ROLLOUT, type RolloutState } from './rollout-state.ts';

const NOW = { now: 1000, versions: ['3.0', '2.0', '1.0'] };

function start(state: RolloutState, wish: StartWish): RolloutState {
  const outcome = startRollout(state, wish, NOW);
  if (outcome.type !== 'ok') throw new Error(outcome.message);
  return outcome.value;
}

test('the first roll-out is from the newest release beside it', () => {
  expect(start(NO_ROLLOUT, { version: '3.0', percent: 10 }).rollout).toMatchObject({
    base: '2.0',
    percent: 10,
  });
  expect(start(NO_ROLLOUT, { version: '1.0', percent: 10 }).rollout).toMatchObject({ base: '3.0' });
});

test('the next one is from what the last one has brought, or from what it came from if it is given up', () => {
  const done = start(NO_ROLLOUT, { version: '2.0', percent: 100, base: '1.0' });
  expect(start(done, { version: '3.0', percent: 1 }).rollout).toMatchObject({ base: '2.0' });
  const half = start(NO_ROLLOUT, { version: '2.0', percent: 50, base: '1.0' });
  expect(startRollout(half, { version: '3.0', percent: 1 }, NOW)).toMatchObject({
    type: 'conflict',
    message: expect.stringContaining('--replace'),
  });
  expect(start(half, { version: '3.0', percent: 1, replace: true }).rollout).toMatchObject({ base: '1.0' });
});

test('a ring only grows', () => {
  const first = start(NO_ROLLOUT, { version: '2.0', resources: ['canary'] });
  const second = start(first, { version: '2.0', percent: 20, environments: ['test'] });
  expect(second.rollout).toMatchObject({ percent: 20, resources: ['canary'], environments: ['test'] });
  expect(startRollout(second, { version: '2.0', percent: 10 }, NOW)).toMatchObject({ type: 'conflict' });
});

test.each([
  ['nobody is named', { version: '2.0' }, 'invalid'],
  ['there is no such release', { version: '9.9', percent: 1 }, 'not-found'],
  ['there is no such base', { version: '2.0', base: '9.9', percent: 1 }, 'not-found'],
])('a roll-out is not started when %s', (_title, wish, type) => {
  expect(startRollout(NO_ROLLOUT, wish, NOW)).toMatchObject({ type });
});

test('a halted roll-out is resumed or replaced, not started', () => {
  const halted = haltRollout(start(NO_ROLLOUT, { version: '2.0', percent: 100, base: '1.0' }), 'bad', 5);
  expect(startRollout(halted, { version: '2.0', percent: 100 }, NOW)).toMatchObject({ type: 'conflict' });
  expect(startRollout(halted, { version: '3.0', percent: 1 }, NOW)).toMatchObject({ type: 'conflict' });
  expect(start(halted, { version: '3.0', percent: 1, replace: true }).rollout).toMatchObject({ base: '1.0' });
  expect(resumeRollout(halted, NOW)).toMatchObject({ type: 'ok', value: { rollout: { countsFrom: 1000 } } });
  expect(resumeRollout(NO_ROLLOUT, NOW)).toMatchObject({ type: 'conflict' });
});

test('pins are set, replaced and removed; a freeze begins and ends; a roll-out ends', () => {
  const pin = { kind: 'resource', name: 'GPU', version: '1.0' } as const;
  const pinned = setPin(NO_ROLLOUT, pin, NOW);
  expect(pinned).toMatchObject({ type: 'ok', value: { pins: [{ ...pin, at: 1000 }] } });
  const again = setPin({ pins: [{ ...pin, at: 1 }] }, { ...pin, name: 'gpu', version: '2.0' }, NOW);
  expect(again).toMatchObject({ value: { pins: [{ name: 'gpu', version: '2.0' }] } });
  expect(setPin(NO_ROLLOUT, { ...pin, version: '9.9' }, NOW)).toMatchObject({ type: 'not-found' });
  expect(removePin({ pins: [{ ...pin, at: 1 }] }, { kind: 'resource', name: 'gpu' })).toMatchObject({
    value: { pins: [] },
  });
  expect(removePin(NO_ROLLOUT, pin)).toMatchObject({ type: 'not-found' });
  expect(freeze(NO_ROLLOUT, 'why', NOW)).toMatchObject({ value: { frozen: { reason: 'why', at: 1000 } } });
  expect(unfreeze(NO_ROLLOUT)).toMatchObject({ type: 'conflict' });
  expect(unfreeze({ pins: [], frozen: { at: 1, reason: '' } })).toMatchObject({
    type: 'ok',
    value: NO_ROLLOUT,
  });
  expect(endRollout(start(NO_ROLLOUT, { version: '2.0', percent: 1 }))).toMatchObject({ value: NO_ROLLOUT });
  expect(endRollout(NO_ROLLOUT)).toMatchObject({ type: 'conflict' });
});
