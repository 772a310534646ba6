import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, ok, skipped, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';

interface Refused {
  readonly bundle: string;
  readonly md5: string;
  readonly reason: string;
  readonly at: number;
}

interface UpgradeFacts {
  readonly kind: 'missing' | 'damaged' | 'read';
  readonly refused: readonly Refused[];
  readonly quarantined: readonly Refused[];
}

export const upgradesCheck = check({
  name: 'upgrades',
  about: 'versions that were refused, or failed and were put in quarantine',
  async look({ home }): Promise<UpgradeFacts> {
    const none = { refused: [], quarantined: [] };
    const text = await readFile(join(home, 'data', 'state.json'), 'utf8').catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      },
    );
    if (text === undefined) return { kind: 'missing', ...none };
    try {
      const state = JSON.parse(text) as Readonly<Record<string, unknown>>;
      return { kind: 'read', ...of(state) };
    } catch {
      return { kind: 'damaged', ...none };
    }
  },
  judge({ kind, refused, quarantined }, { home, clock }) {
    if (kind === 'missing') return skipped('nothing was launched here yet');
    if (kind === 'damaged')
      return warn(
        `${join(home, 'data', 'state.json')} is damaged: which version was the last good one is forgotten`,
        'nothing is to be done, the next launch begins a new one; check the disk, though',
      );
    const ago = (at: number) => `${durationInWords(clock.now() - at)} ago`;
    if (quarantined.length > 0) {
      const shown = quarantined.map(
        ({ bundle, md5, reason, at }) => `${bundle} ${md5} (${reason}; ${ago(at)})`,
      );
      return warn(
        `the server offers or offered what failed here and was taken back: ${shown.join(', ')}`,
        'release a version that is mended; what was running before runs on. If this machine was at fault: go-agent restart --retry-upgrades',
      );
    }
    if (refused.length > 0) {
      const shown = refused.map(({ bundle, md5, reason, at }) => `${bundle} ${md5} (${reason}; ${ago(at)})`);
      return warn(
        `the server offers what this agent refuses: ${shown.join(', ')}`,
        "look at the server's bundles and their metadata; what runs here runs on. To try at once: go-agent restart --retry-upgrades",
      );
    }
    return ok('nothing was refused, and nothing is in quarantine');
  },
});

function of(state: Readonly<Record<string, unknown>>): Pick<UpgradeFacts, 'refused' | 'quarantined'> {
  const bundles = ['launcher', 'agent', 'plugins'].map((bundle) => ({
    bundle,
    value: record(state[bundle]),
  }));
  return {
    refused: bundles.flatMap(({ bundle, value }) => decode(bundle, value['refused'])),
    quarantined: bundles.flatMap(({ bundle, value }) =>
      [value['quarantined'] ?? []].flat().flatMap((one) => decode(bundle, one)),
    ),
  };
}

function decode(bundle: string, value: unknown): Refused[] {
  const { md5, reason, at } = record(value);
  return typeof md5 === 'string' && typeof reason === 'string' && typeof at === 'number'
    ? [{ bundle, md5, reason, at }]
    : [];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
