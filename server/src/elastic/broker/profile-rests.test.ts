import { expect, test } from 'vitest';
import { ProfileRests } from './profile-rests.ts';

test('agents that fail together make one failure, those that fail one after the other make longer and longer rests', () => {
  const rests = new ProfileRests();
  for (let agent = 0; agent < 10; agent++) rests.failed('small', 'The network was away.', 1000);
  const first = rests.of('small')?.until ?? 0;
  rests.failed('small', 'The network was away.', first);
  const second = rests.of('small')?.until ?? 0;
  expect(second - first).toBeGreaterThan(first - 1000);
  expect(first - 1000).toBeLessThanOrEqual(5000);
});
