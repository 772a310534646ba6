import { array, object, optional, withDefault } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { boolean, string } from './decode/scalars.ts';

/** A secret that the server resolved (reference 4.8). */
export interface SecretParam {
  readonly secretConfigId: string;
  readonly key: string;
  readonly value?: string;
  readonly resolved: boolean;
}

/** One variable of a job. Duplicate names are legal; the last one wins (reference 4.8, 8). */
export interface EnvironmentVariable {
  readonly name: string;
  /** Raw: may contain `{{SECRET:[configId][key]}}`. Use {@link effectiveValue}. */
  readonly value: string;
  readonly secure: boolean;
  readonly secretParams: readonly SecretParam[];
}

export const secretParam: Decoder<SecretParam> = object<SecretParam>({
  secretConfigId: string,
  key: string,
  value: optional(string),
  resolved: withDefault(boolean, false),
});

export const environmentVariable: Decoder<EnvironmentVariable> = object<EnvironmentVariable>({
  name: string,
  value: withDefault(string, ''),
  secure: withDefault(boolean, false),
  secretParams: withDefault(array(secretParam), []),
});

/** Why a variable has no value yet. */
export interface UnresolvedSecret {
  readonly secretConfigId: string;
  readonly key: string;
}

export type EffectiveValue =
  | { readonly type: 'value'; readonly value: string }
  | { readonly type: 'unresolved'; readonly secret: UnresolvedSecret };

/**
 * A text with its secrets put in: for each parameter in order, the first occurrence of its `{{SECRET:[id][key]}}` gives
 * way to its value (reference 4.8). Serves environment values and material passwords alike.
 */
export function effectiveValue(value: string, secretParams: readonly SecretParam[]): EffectiveValue {
  let text = value;
  for (const { secretConfigId, key, value: secret, resolved } of secretParams) {
    if (!resolved || secret === undefined) return { type: 'unresolved', secret: { secretConfigId, key } };
    // A function, lest `$&` and the like in a secret be taken for a pattern.
    text = text.replace(`{{SECRET:[${secretConfigId}][${key}]}}`, () => secret);
  }
  return { type: 'value', value: text };
}
