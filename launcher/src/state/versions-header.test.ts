import { expect, test } from 'vitest';
import { emptyState } from './launch-state.ts';
import { versionsHeader } from './versions-header.ts';

const [a, b] = ['a'.repeat(32), 'b'.repeat(32)] as const;

test('the header tells what runs, whether it has proved itself, and what failed', () => {
  const header = versionsHeader({
    ...emptyState,
    launcher: { current: a, lastGood: a },
    agent: { current: b, lastGood: a, quarantined: [{ md5: 'c'.repeat(32), reason: 'it hung', at: 7 }] },
  });
  expect(JSON.parse(header)).toMatchObject({
    launcher: { current: a, lastGood: a, probation: false, quarantined: [] },
    agent: {
      current: b,
      lastGood: a,
      probation: true,
      quarantined: [{ md5: 'c'.repeat(32), reason: 'it hung' }],
    },
    hostname: expect.stringMatching(/./),
  });
});

test('the header is short ASCII, whatever failed and why', () => {
  const quarantined = Array.from({ length: 20 }, (_, i) => ({
    md5: String(i).padStart(32, '0'),
    reason: '早\n'.repeat(150),
    at: 1,
  }));
  const header = versionsHeader({ ...emptyState, launcher: { quarantined }, agent: { quarantined } });
  expect(header).toMatch(/^[\x20-\x7e]{100,4096}$/);
  const read = JSON.parse(header) as { agent: { quarantined: { md5: string }[] } };
  expect(read.agent.quarantined.at(-1)?.md5).toBe('19'.padStart(32, '0'));
});
