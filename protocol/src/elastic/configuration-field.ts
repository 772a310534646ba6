import { array, object, optional, withDefault } from '../decode/compounds.ts';
import type { Decoder } from '../decode/decoder.ts';
import { boolean, oneOf, string } from '../decode/scalars.ts';

export const FIELD_TYPES = ['text', 'long-text', 'number', 'flag', 'choice'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** One field of a cluster or elastic agent profile, from which a form is made. All values are strings on the wire. */
export interface ConfigurationField {
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** Kept sealed, never shown; the plugin gets it in clear. */
  readonly secret: boolean;
  readonly default?: string;
  /** For `choice`. */
  readonly choices?: readonly string[];
}

export const configurationField: Decoder<ConfigurationField> = object<ConfigurationField>({
  key: string,
  title: string,
  description: optional(string),
  type: withDefault(oneOf(FIELD_TYPES), 'text'),
  required: withDefault(boolean, false),
  secret: withDefault(boolean, false),
  default: optional(string),
  choices: optional(array(string)),
});
