import { createHash, randomBytes } from 'node:crypto';

/** The names of the labels by which agents are found again. Valid in Docker and in Kubernetes. */
export const Label = {
  server: 'go-agent.server',
  cluster: 'go-agent.cluster',
  agent: 'go-agent.agent',
  profile: 'go-agent.profile',
} as const;

/** What all agents of one cluster of one server bear. Two servers that share a cluster never see each other's. */
export function clusterLabels(serverId: string, clusterId: string): Readonly<Record<string, string>> {
  return { [Label.server]: labelValue(serverId), [Label.cluster]: labelValue(clusterId) };
}

/** A label's value may have 63 characters of a few kinds; any other text is replaced by what stays unique. */
export function labelValue(text: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text)) return text;
  return `${text.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}-${digest(text)}`.replace(/^-+/, '');
}

/** A new elastic agent id: a DNS label, so that it can be the name of a container, a pod or a machine. */
export function newAgentId(profileId: string): string {
  const profile = profileId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
    .replaceAll(/^-+|-+$/g, '');
  return `ga-${profile === '' ? 'x' : profile}-${randomBytes(8).toString('hex')}`;
}

/** Whether a name is one of those that {@link newAgentId} makes, of whichever server. */
export function isAgentId(name: string): boolean {
  return /^ga-[a-z0-9-]+-[0-9a-f]{16}$/.test(name);
}

/** The same for the same entries, whatever their order. In hex. */
export function fingerprint(entries: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}
