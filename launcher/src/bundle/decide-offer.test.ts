import { expect, test } from 'vitest';
import type { Offer } from '../server/read-offer.ts';
import { decideOffer, type OfferDecision, REFUSED_MS, runOrder } from './decide-offer.ts';

const now = 1_800_000_000_000;
const a = 'a'.repeat(32);
const b = 'b'.repeat(32);
const refusal = (age: number) => ({ md5: b, reason: 'damaged', at: now - age });
const offered = (md5: string): Offer => ({ type: 'offered', md5 });
const none: Offer = { type: 'none' };
const unknown: Offer = { type: 'unknown', reason: 'down' };

const rows: readonly [
  string,
  Offer,
  readonly string[],
  ReturnType<typeof refusal> | undefined,
  OfferDecision['type'],
][] = [
  ['nothing offered', none, [a], undefined, 'keep'],
  ['the server is down', unknown, [a], undefined, 'keep'],
  ['the server is down, and nothing is here', unknown, [], undefined, 'keep'],
  ['what runs is offered', offered(a), [a], undefined, 'keep'],
  ['what should run is offered, but is damaged here', offered(a), [], undefined, 'download'],
  ['another is offered', offered(b), [a], undefined, 'download'],
  ['another is offered that is here', offered(b), [a, b], undefined, 'switch'],
  ['what was just refused is offered', offered(b), [a], refusal(0), 'still-refused'],
  [
    'what was refused is offered, a moment before the time is over',
    offered(b),
    [a],
    refusal(REFUSED_MS - 1),
    'still-refused',
  ],
  ['what was refused long ago is offered', offered(b), [a], refusal(REFUSED_MS), 'download'],
  [
    'what was refused before the clock was set far back is offered',
    offered(b),
    [a],
    refusal(-REFUSED_MS),
    'download',
  ],
  ['something else was refused', offered('c'.repeat(32)), [a], refusal(0), 'download'],
];

for (const [title, offer, present, refused, expected] of rows) {
  test(`when ${title}: ${expected}`, () => {
    expect(decideOffer({ offer, current: a, present: new Set(present), refused, now }).type).toBe(expected);
  });
}

test('the versions to try are each tried once, in order', () => {
  expect(runOrder([a, undefined, b, a])).toEqual([a, b]);
});
