import { z } from 'zod';

/** The longest header that is read, in bytes. */
const MAX_BYTES = 4096;
const MAX_REASON = 500;

const md5 = z
  .string()
  .regex(/^[0-9a-f]{32}$/i)
  .transform((text) => text.toLowerCase());
const quarantined = z.object({ md5, reason: z.string().max(4096).catch('') });

const bundle = z.object({
  current: md5.optional().catch(undefined),
  lastGood: md5.optional().catch(undefined),
  probation: z.boolean().catch(false),
  quarantined: z.array(quarantined).catch([]),
});

const report = z.object({
  launcher: bundle.optional().catch(undefined),
  agent: bundle.optional().catch(undefined),
  hostname: z.string().max(255).optional().catch(undefined),
});

export type BundleReport = z.infer<typeof bundle>;
/** What a launcher or agent says about its versions with each request for bundles (docs/rollout.md). */
export type AgentReport = z.infer<typeof report>;

/** From the header `X-Agent-Versions`; undefined if there is none that can be read. Parts that cannot be read are left out. */
export function readAgentReport(header: string | string[] | undefined): AgentReport | undefined {
  if (typeof header !== 'string' || header.length > MAX_BYTES) return undefined;
  try {
    const read = report.safeParse(JSON.parse(header));
    return read.success ? shortened(read.data) : undefined;
  } catch {
    return undefined;
  }
}

function shortened(full: AgentReport): AgentReport {
  const cut = (part: BundleReport | undefined) =>
    part && {
      ...part,
      quarantined: part.quarantined.map((one) => ({ ...one, reason: one.reason.slice(0, MAX_REASON) })),
    };
  return { ...full, launcher: cut(full.launcher), agent: cut(full.agent) };
}
