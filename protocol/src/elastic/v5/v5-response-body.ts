// Answers of a v5 plugin (reference: server-agents-jobs-elastic 3.4, 3.7, 3.8).

import { array, object, optional, withDefault } from '../../decode/compounds.ts';
import { type Decoder, decodeWith, fail } from '../../decode/decoder.ts';
import { boolean, string } from '../../decode/scalars.ts';
import { elasticProperties } from '../elastic-cluster.ts';
import type { V5AgentProfileEntry, V5MigrateConfig, V5ProfileEntry } from './v5-request-body.ts';

export interface V5Capabilities {
  readonly supports_plugin_status_report: boolean;
  readonly supports_cluster_status_report: boolean;
  readonly supports_agent_status_report: boolean;
}

export interface V5Icon {
  readonly content_type: string;
  /** Base64. */
  readonly data: string;
}

export interface V5Field {
  readonly key: string;
  readonly metadata: { readonly required: boolean; readonly secure: boolean };
}

export interface V5Problem {
  readonly key?: string;
  readonly message: string;
}

const text: Decoder<string> = (value, at) => {
  const found = string(value, at);
  return found.trim() === '' ? fail(at, 'a text that is not blank', value) : found;
};

export const decodeV5Capabilities = decodeWith(
  object<V5Capabilities>({
    supports_plugin_status_report: withDefault(boolean, false),
    supports_cluster_status_report: withDefault(boolean, false),
    supports_agent_status_report: withDefault(boolean, false),
  }),
);

export const decodeV5Icon = decodeWith(object<V5Icon>({ content_type: string, data: string }));

export const decodeV5Fields = decodeWith(
  array(
    object<V5Field>({
      key: string,
      metadata: withDefault(
        object<V5Field['metadata']>({
          required: withDefault(boolean, false),
          secure: withDefault(boolean, false),
        }),
        { required: false, secure: false },
      ),
    }),
  ),
);

/** A form in HTML. @throws DecodeError if it is blank */
export const decodeV5Template = decodeWith(object<{ readonly template: string }>({ template: text }));

/** A status report in HTML. @throws DecodeError if it is blank */
export const decodeV5View = decodeWith(object<{ readonly view: string }>({ view: text }));

/** Empty: valid. */
export const decodeV5Problems = decodeWith(
  array(object<V5Problem>({ key: optional(string), message: string })),
);

export const decodeV5Flag = decodeWith(boolean);

export const decodeV5MigrateConfig = decodeWith(
  object<V5MigrateConfig>({
    plugin_settings: withDefault(elasticProperties, {}),
    cluster_profiles: withDefault(
      array(object<V5ProfileEntry>({ id: string, plugin_id: string, properties: elasticProperties })),
      [],
    ),
    elastic_agent_profiles: withDefault(
      array(
        object<V5AgentProfileEntry>({
          id: string,
          plugin_id: string,
          cluster_profile_id: string,
          properties: elasticProperties,
        }),
      ),
      [],
    ),
  }),
);
