import { realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { foreignGuid, type GuidBinding, guidPlace, readGuidBinding } from '@go-agent/runtime/core';
import { homeFiles } from '../../home-files.ts';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, fail, ok, skipped, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';
import { type AskedAsAgent, askAsAgent, type KnownAs } from '../probes/ask-as-agent.ts';
import { identityFile } from '../probes/identity.ts';
import { type LogLine, logEvidence } from '../probes/log-evidence.ts';
import type { Subject } from '../subject.ts';

interface GuidFacts {
  readonly guid: string | undefined;
  /** Where it came from, if it was copied. */
  readonly foreign?: string | undefined;
  /** The agent's last words about another with its guid. */
  readonly said?: LogLine | undefined;
  /** Another place, of which the server has heard lately under this guid. */
  readonly elsewhere?: KnownAs | undefined;
}

const LATELY_MS = 600_000;
/** Two agents with one guid take the server from each other in turns of half a minute. */
const ALIVE_MS = 60_000;

export const guidCheck = check({
  name: 'guid',
  about: "whether the guid is this agent's alone",
  async look(subject): Promise<GuidFacts> {
    const { home, clock } = subject;
    const guid = await identityFile(home, 'guid.txt');
    if (guid === undefined) return { guid };
    const binding = await readGuidBinding(home);
    const foreign = foreignGuid(binding, guid, await guidPlace(home));
    const lines = await logEvidence(
      homeFiles(home).log('agent'),
      /has invalid cookie|same config\/guid\.txt/,
      Math.max(clock.now() - LATELY_MS, ownedSince(binding, guid)),
    );
    const token = await identityFile(home, 'token');
    const asked = token === undefined ? undefined : await askAsAgent(subject, guid, token);
    const elsewhere = asked?.type === 'reached' ? await otherPlace(asked.value, subject) : undefined;
    return { guid, foreign, said: lines.at(-1), elsewhere };
  },
  judge({ guid, foreign, said, elsewhere }, { home, clock }) {
    if (guid === undefined) return skipped('there is no guid yet; the first start makes one');
    const remedy =
      `if both are to work: go-agent stop --home ${home}, go-agent config new-guid --home ${home}, and start it again; ` +
      'else stop the other one';
    if (elsewhere !== undefined) {
      const { hostName, ipAddress, location, silentMs } = elsewhere;
      return fail(
        `the server knows the guid ${guid} as ${hostName} (${ipAddress}) in ${location}, heard of ${durationInWords(silentMs ?? 0)} ago: ` +
          'another agent has the same guid',
        remedy,
      );
    }
    if (said !== undefined)
      return fail(
        `another agent uses the guid ${guid}: the server refused this one for it ${durationInWords(clock.now() - said.time)} ago`,
        remedy,
      );
    if (foreign !== undefined) return warn(`the guid ${guid} was copied: ${foreign}`, remedy);
    if (!/^[\w-]{1,100}$/.test(guid))
      return fail(
        `config/guid.txt has no guid in it, but "${guid.slice(0, 60)}"`,
        'go-agent config new-guid',
      );
    return ok(`the guid ${guid} belongs to this home`);
  },
});

/** Since when the log speaks of this guid and not of the one before it, in milliseconds since the epoch. */
function ownedSince(binding: GuidBinding | undefined, guid: string): number {
  return binding?.guid === guid ? Date.parse(binding.since) || 0 : 0;
}

/** The place by which the server knows the guid, if that is not here and it was heard of a moment ago. */
async function otherPlace(
  { knownAs, localAddress }: AskedAsAgent,
  { home, resolution }: Subject,
): Promise<KnownAs | undefined> {
  if (knownAs?.silentMs === undefined || knownAs.silentMs > ALIVE_MS) return undefined;
  const names = [hostname(), valueOf(resolution, 'auto-register-hostname')];
  // An address may change while an agent runs, and it may have registered under another name; not both.
  const isThisMachine = knownAs.ipAddress === localAddress || names.includes(knownAs.hostName);
  return isThisMachine && (await isSameFolder(knownAs.location, home)) ? undefined : knownAs;
}

async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [realA, realB] = await Promise.all([a, b].map((path) => realpath(path).catch(() => path)));
  return realA === realB;
}
