import { array, object, withDefault } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { string } from './decode/scalars.ts';

/** Key and plain value, secrets already resolved by the server (reference 4.2). */
export interface ConfigurationProperty {
  readonly key: string;
  readonly value: string;
}

/** Where an external artifact goes, and the plugin that takes it there. */
export interface ArtifactStore {
  readonly id: string;
  readonly pluginId: string;
  readonly configuration: readonly ConfigurationProperty[];
}

export const configurationProperty: Decoder<ConfigurationProperty> = object<ConfigurationProperty>({
  key: string,
  // A property without a value crosses the wire without it.
  value: withDefault(string, ''),
});

export const artifactStore: Decoder<ArtifactStore> = object<ArtifactStore>({
  id: string,
  pluginId: string,
  configuration: withDefault(array(configurationProperty), []),
});
