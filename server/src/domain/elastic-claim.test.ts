import { expect, test } from 'vitest';
import { readClaims } from './elastic-claim.ts';
import { DEFAULT_POLICY } from './elastic-profile.ts';

function cluster(id: string, priority = 0) {
  return { id, pluginId: 'p', properties: [], priority };
}

function profile(id: string, clusterProfileId: string, claims: readonly string[]) {
  return { id, clusterProfileId, properties: [], policy: DEFAULT_POLICY, claims };
}

test('without claims every job that names no profile is for static agents', () => {
  const claims = readClaims([profile('small', 'a', [])], [cluster('a')]);
  expect(claims.profileFor(['linux'])).toBeUndefined();
  expect(claims.conflicts).toEqual([]);
});

test('a job that asks for a claimed resource among others gets the profile, however it is written', () => {
  const claims = readClaims([profile('gpus', 'a', ['GPU'])], [cluster('a')]);
  expect(claims.profileFor(['linux', 'gpu'])).toBe('gpus');
  expect(claims.profileFor(['linux'])).toBeUndefined();
  expect(claims.profileFor([])).toBeUndefined();
});

test.each([
  {
    rule: 'the higher priority of the cluster',
    clusters: [cluster('a'), cluster('b', 1)],
    winner: profile('y', 'b', ['gpu']),
    loser: profile('x', 'a', ['gpu']),
  },
  {
    rule: 'with the same, the lower id of the cluster',
    clusters: [cluster('a'), cluster('b')],
    winner: profile('y', 'a', ['gpu']),
    loser: profile('x', 'b', ['gpu']),
  },
  {
    rule: 'in one cluster, the lower id of the profile',
    clusters: [cluster('a')],
    winner: profile('x', 'a', ['gpu']),
    loser: profile('y', 'a', ['gpu']),
  },
])('of two profiles that claim a resource, $rule has it, whatever their order', (given) => {
  const { clusters, winner, loser } = given;
  for (const profiles of [
    [winner, loser],
    [loser, winner],
  ]) {
    const claims = readClaims(profiles, clusters);
    expect(claims.profileFor(['gpu'])).toBe(winner.id);
    expect(claims.conflicts).toEqual([
      `Resource 'gpu' is claimed by profile '${winner.id}' and by '${loser.id}'; '${winner.id}' has it. Claim it once, or give the cluster that is to have it the higher priority.`,
    ]);
  }
});

test('a resource that a profile claims twice is no conflict, and one of a cluster that is gone claims nothing', () => {
  expect(readClaims([profile('x', 'a', ['gpu', 'GPU'])], [cluster('a')]).conflicts).toEqual([]);
  expect(readClaims([profile('x', 'gone', ['gpu'])], [cluster('a')]).profileFor(['gpu'])).toBeUndefined();
});
