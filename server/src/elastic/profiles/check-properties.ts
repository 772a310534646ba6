import type { ConfigurationField, ValidateParams, ValidateResult } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { ProfileProblem } from '../../core-elastic.ts';
import type { ElasticProperty } from '../../domain/elastic-profile.ts';

/** As it comes from a client: one of both values. */
export interface PropertyDraft {
  readonly key: string;
  readonly value?: string | undefined;
  readonly encryptedValue?: string | undefined;
}

export interface ProfilePlugin {
  readonly clusterFields: readonly ConfigurationField[];
  readonly profileFields: readonly ConfigurationField[];
  validate(params: ValidateParams): Promise<ValidateResult>;
}

/** What the plugin's schema calls secret is sealed; the plugin checks the values in clear. @throws what the plugin throws */
export async function checkProperties(input: {
  readonly plugin: ProfilePlugin;
  readonly kind: 'cluster' | 'profile';
  readonly drafts: readonly PropertyDraft[];
  readonly clusterProperties: Readonly<Record<string, string>>;
  readonly secrets: { seal(plain: string): string; open(sealed: string): string };
}): Promise<{
  readonly properties: readonly ElasticProperty[];
  readonly problems: readonly ProfileProblem[];
}> {
  const { plugin, kind, drafts, clusterProperties, secrets } = input;
  const fields = kind === 'cluster' ? plugin.clusterFields : plugin.profileFields;
  const problems: ProfileProblem[] = [];
  const clear: Record<string, string> = {};
  const properties: ElasticProperty[] = [];
  for (const { key, value, encryptedValue } of drafts) {
    if (Object.hasOwn(clear, key)) problems.push({ key, message: `Duplicate key '${key}' found` });
    const secure = encryptedValue !== undefined || fields.some((field) => field.key === key && field.secret);
    try {
      clear[key] = encryptedValue === undefined ? (value ?? '') : secrets.open(encryptedValue);
      const sealed = encryptedValue ?? secrets.seal(value ?? '');
      properties.push({ key, value: secure ? sealed : (value ?? ''), secure });
    } catch (error) {
      problems.push({ key, message: describeError(error) });
    }
  }
  if (problems.length > 0) return { properties, problems };
  const answer = await plugin.validate({
    kind,
    properties: clear,
    ...(kind === 'profile' ? { clusterProperties } : {}),
  });
  return { properties, problems: answer.problems };
}
