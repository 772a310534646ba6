import { z } from 'zod';
import { textTable } from './text-table.ts';

export const rolloutAnswer = z.looseObject({ message: z.string() });

const part = z.looseObject({
  md5: z.string().nullable(),
  version: z.string().nullable(),
  probation: z.boolean(),
  quarantined: z.array(
    z.looseObject({ md5: z.string(), version: z.string().nullable(), reason: z.string() }),
  ),
});
const status = z.looseObject({
  rollout: z
    .looseObject({
      version: z.string(),
      base: z.string().nullable(),
      ring: z.string(),
      max_failed_percent: z.number(),
      passed: z.number(),
      failed: z.number(),
      halted: z.looseObject({ at: z.string(), reason: z.string() }).nullable(),
    })
    .nullable(),
  frozen: z.looseObject({ at: z.string(), reason: z.string() }).nullable(),
  pins: z.array(
    z.looseObject({ agent: z.string().optional(), resource: z.string().optional(), version: z.string() }),
  ),
  releases: z.array(z.looseObject({ version: z.string() })),
  agents: z.array(
    z.looseObject({
      uuid: z.string(),
      hostname: z.string(),
      agent: part.nullable(),
      launcher: part.nullable(),
      offered: z.string().nullable(),
      why: z.string(),
      verdict: z
        .looseObject({ version: z.string(), type: z.string(), reason: z.string().optional() })
        .nullable(),
    }),
  ),
});

type Status = z.infer<typeof status>;
type Part = z.infer<typeof part>;

/** The server's answer in words. @throws ZodError if it is none of this server's version */
export function rolloutText(answer: unknown): { readonly text: string; readonly isHalted: boolean } {
  const read = status.parse(answer);
  const { rollout, agents } = read;
  const lines = [...head(read), ''];
  const rows = agents.map((agent) => [
    agent.hostname,
    version(agent.agent),
    version(agent.launcher),
    agent.offered ?? '(stays)',
    `${agent.why}${failures(agent)}`,
    agent.uuid,
  ]);
  const table =
    rows.length === 0
      ? 'No agents yet.\n'
      : textTable(['HOST', 'AGENT', 'LAUNCHER', 'OFFERED', 'WHY', 'UUID'], rows);
  return { text: `${lines.join('\n')}${table}`, isHalted: (rollout?.halted ?? null) !== null };
}

function head({ rollout, frozen, pins, releases }: Status): string[] {
  const has = releases.length === 0 ? 'none' : releases.map((release) => release.version).join(', ');
  const lines = [`Releases: ${has}`];
  if (rollout === null) {
    lines.push('Roll-out: none; everybody gets the newest release');
  } else {
    const { passed, failed, max_failed_percent: limit, halted } = rollout;
    lines.push(
      `Roll-out: ${rollout.version} to ${rollout.ring}; the others get ${rollout.base ?? 'nothing new'}`,
    );
    lines.push(`Verdicts: ${passed} passed, ${failed} failed; it halts above ${limit} %`);
    if (halted !== null) lines.push(`HALTED at ${halted.at}: ${halted.reason}`);
  }
  if (frozen !== null) lines.push(`FROZEN since ${frozen.at}: ${frozen.reason}`);
  for (const { agent, resource, version: pinned } of pins)
    lines.push(`Pinned: ${agent === undefined ? `resource ${resource}` : `agent ${agent}`} to ${pinned}`);
  return lines;
}

/** What has failed of the version that is offered, or was. */
function failures(agent: Status['agents'][number]): string {
  const quarantined = [agent.agent, agent.launcher].flatMap((says) => says?.quarantined ?? []);
  const offered = quarantined.filter(({ version: failed }) => failed !== null && failed === agent.offered);
  const reasons =
    agent.verdict?.type === 'failed' ? [agent.verdict.reason ?? ''] : offered.map(({ reason }) => reason);
  return reasons.length === 0 ? '' : `: ${[...new Set(reasons)].join(', ')}`;
}

function version(says: Part | null): string {
  if (says === null || says.md5 === null) return 'unknown';
  const name = says.version ?? says.md5.slice(0, 8);
  return says.probation ? `${name} (on probation)` : name;
}
