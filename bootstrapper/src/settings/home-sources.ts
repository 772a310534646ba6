import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { parseProperties } from '@go-agent/protocol/operator';
import { readStatus } from '../find-running.ts';
import type { SettingSources } from './setting-sources.ts';

/**
 * Adds what a home folder itself says: `config/autoregister.properties`, and what the agent was last started with, for somebody who
 * looks into a home seldom repeats the flags of its agent.
 */
export async function withHomeSources(sources: SettingSources, home: string): Promise<SettingSources> {
  const [text, status] = await Promise.all([
    readFile(join(home, 'config', 'autoregister.properties'), 'utf8').catch(() => ''),
    readStatus(home).catch(() => undefined),
  ]);
  return { ...sources, properties: parseProperties(text), lastRun: status && settingsOf(status) };
}

function settingsOf(status: { readonly serverUrl?: unknown; readonly settings?: unknown }): Settings {
  const settings = Object.entries(typeof status.settings === 'object' ? { ...status.settings } : {});
  return Object.fromEntries(
    [...settings, ['server-url', status.serverUrl]].filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
