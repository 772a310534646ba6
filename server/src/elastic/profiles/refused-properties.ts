import type { ConfigurationField } from '@go-agent/protocol/elastic';
import type { ProfileProblem, RefusedProperty } from '../../core-elastic.ts';
import type { PropertyDraft } from './check-properties.ts';

/**
 * What was sent, with what is wrong with each; what is missing and should not be stands behind it. No value is repeated in clear unless
 * its plugin says that it is no secret: answers end up in logs.
 * @param fields none while the plugin has not told them
 */
export function refusedProperties(
  drafts: readonly PropertyDraft[],
  problems: readonly ProfileProblem[],
  fields: readonly ConfigurationField[],
  seal: (plain: string) => string,
): RefusedProperty[] {
  const isSent = (key: string) => drafts.some((draft) => draft.key === key);
  const missing = problems.flatMap(({ key }) => (key === undefined || isSent(key) ? [] : [key]));
  const of = (wanted: string) => problems.filter(({ key }) => key === wanted).map(({ message }) => message);
  return [
    ...drafts.map((draft) => ({ ...shown(draft, fields, seal), problems: of(draft.key) })),
    ...[...new Set(missing)].map((key) => ({ key, problems: of(key) })),
  ];
}

function shown(
  { key, value, encryptedValue }: PropertyDraft,
  fields: readonly ConfigurationField[],
  seal: (plain: string) => string,
): Omit<RefusedProperty, 'problems'> {
  if (encryptedValue !== undefined) return { key, encryptedValue };
  const field = fields.find((each) => each.key === key);
  if (value === undefined || field === undefined) return { key };
  return field.secret ? { key, encryptedValue: seal(value) } : { key, value };
}
