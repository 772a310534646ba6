import { array, constant, lazy, object, optional, record, tagged, withDefault } from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { integer, string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';

interface ArtifactPlanFields {
  readonly buildId?: number;
  /** Always empty on the wire. */
  readonly testArtifactPlansForMerging?: readonly ArtifactPlan[];
  readonly id?: number;
}

/** Built-in artifact: `file` (config `build`) or `unit` (config `test`). */
export interface BuiltInArtifactPlan extends ArtifactPlanFields {
  readonly artifactPlanType: 'file' | 'unit';
  /** Ant pattern under the working folder. */
  readonly src: string;
  readonly dest: string;
}

/** Artifact that a plugin publishes. */
export interface ExternalArtifactPlan extends ArtifactPlanFields {
  readonly artifactPlanType: 'external';
  /** JSON text of a {@link PluggableArtifactConfig}. */
  readonly pluggableArtifactConfigJson: string;
}

/** What to publish (reference 4.8, 6.1). */
export type ArtifactPlan = BuiltInArtifactPlan | ExternalArtifactPlan;

/** What {@link ExternalArtifactPlan.pluggableArtifactConfigJson} holds. */
export interface PluggableArtifactConfig {
  readonly configuration: Readonly<Record<string, string>>;
  readonly id: string;
  readonly storeId: string;
}

const builtIn = (type: 'file' | 'unit') =>
  object<BuiltInArtifactPlan>({
    testArtifactPlansForMerging: optional(array(lazy(() => artifactPlan))),
    buildId: optional(integer),
    artifactPlanType: constant(type),
    src: string,
    dest: withDefault(string, ''),
    id: optional(integer),
  });

export const artifactPlan: Decoder<ArtifactPlan> = tagged<ArtifactPlan>('artifactPlanType', {
  file: builtIn('file'),
  unit: builtIn('unit'),
  external: object<ExternalArtifactPlan>({
    testArtifactPlansForMerging: optional(array(lazy(() => artifactPlan))),
    buildId: optional(integer),
    artifactPlanType: constant('external'),
    pluggableArtifactConfigJson: string,
    id: optional(integer),
  }),
});

/** Of the parsed {@link ExternalArtifactPlan.pluggableArtifactConfigJson}; use with `parseJson`. */
export const decodePluggableArtifactConfig = decodeWith(
  object<PluggableArtifactConfig>({
    configuration: withDefault(record(string), {}),
    id: string,
    storeId: string,
  }),
);
export const encodePluggableArtifactConfig = encodeWith(decodePluggableArtifactConfig);
