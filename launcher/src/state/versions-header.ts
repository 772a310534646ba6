import { hostname } from 'node:os';
import type { BundleState, LaunchState } from './launch-state.ts';
import { isOnTrial } from './version-history.ts';

const MAX_BYTES = 4096;
/** Of the latest failures, the server only needs to know what it still offers. */
const MAX_FAILURES = 5;
const MAX_REASON = 200;

/**
 * Value of the header `X-Agent-Versions`: what runs here, and what has failed. ASCII, at most 4 kB, so that every server
 * and proxy takes it.
 */
export function versionsHeader({ launcher, agent }: LaunchState): string {
  const host = hostname().slice(0, 255);
  for (let failures = MAX_FAILURES; ; failures--) {
    const parts = {
      launcher: describe(launcher, failures),
      agent: describe(agent, failures),
      hostname: host,
    };
    const text = toAscii(JSON.stringify(parts));
    if (text.length <= MAX_BYTES || failures === 0) return text;
  }
}

function describe(state: BundleState, failures: number) {
  const { current, lastGood, quarantined = [] } = state;
  const latest = failures === 0 ? [] : quarantined.slice(-failures);
  return {
    current,
    lastGood,
    probation: current !== undefined && isOnTrial(state, current),
    quarantined: latest.map(({ md5, reason }) => ({ md5, reason: reason.slice(0, MAX_REASON) })),
  };
}

function toAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
