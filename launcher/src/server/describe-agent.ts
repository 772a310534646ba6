import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeaderName } from '@go-agent/protocol';
import type { LaunchState } from '../state/launch-state.ts';
import { versionsHeader } from '../state/versions-header.ts';

/** Headers by which a server knows who asks for bundles, and what it runs: it decides by them what it offers. */
export function describeAgent(home: string, state: LaunchState): Readonly<Record<string, string>> {
  return { ...guidHeader(home), [HeaderName.agentVersions]: versionsHeader(state) };
}

/** None before the first launch of an agent, which makes its own guid. */
function guidHeader(home: string): Record<string, string> {
  try {
    const guid = readFileSync(join(home, 'config', 'guid.txt'), 'utf8').trim();
    return /^[\x21-\x7e]{1,100}$/.test(guid) ? { [HeaderName.agentGuid]: guid } : {};
  } catch {
    return {};
  }
}
