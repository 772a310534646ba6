import { type ArtifactPlan, artifactPlan } from './artifact-plan.ts';
import type { Builder } from './builder.ts';
import { builder } from './builder-decoder.ts';
import { type ArtifactStore, artifactStore } from './configuration-property.ts';
import { array, object, optional, withDefault } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { boolean, integer, string } from './decode/scalars.ts';
import { type EnvironmentVariable, environmentVariable } from './environment-variable.ts';
import { type JobIdentifier, jobIdentifier } from './job-identifier.ts';
import { type MaterialRevision, materialRevision } from './material-revision.ts';
import { type WireFile, wireFile } from './wire-file.ts';

/** Everything an agent needs to run one job (reference 4.8). */
export interface BuildAssignment {
  /** False: no checkout. */
  readonly fetchMaterials: boolean;
  /** True: empty the working folder first. */
  readonly cleanWorkingDirectory: boolean;
  /** Tasks, in order. */
  readonly builders: readonly Builder[];
  readonly artifactPlans: readonly ArtifactPlan[];
  /** Only those that an `external` plan names. */
  readonly artifactStores: readonly ArtifactStore[];
  /** `pipelines/<pipelineName>`, relative to the agent's home folder. */
  readonly buildWorkingDirectory: WireFile;
  readonly jobIdentifier: JobIdentifier;
  /** In order; duplicates allowed, the last wins. */
  readonly initialContext: { readonly properties: readonly EnvironmentVariable[] };
  readonly materialRevisions: { readonly revisions: readonly MaterialRevision[] };
  readonly approver?: string;
  /**
   * An extension: how long the job may print nothing, in milliseconds, from its first line to the end of its tasks. Absent: as long
   * as it likes. A stock agent ignores it and leaves the watching to the server.
   */
  readonly jobTimeoutMs?: number;
}

export const buildAssignment: Decoder<BuildAssignment> = object<BuildAssignment>({
  fetchMaterials: withDefault(boolean, false),
  cleanWorkingDirectory: withDefault(boolean, false),
  builders: array(builder),
  artifactPlans: array(artifactPlan),
  artifactStores: withDefault(array(artifactStore), []),
  buildWorkingDirectory: wireFile,
  jobIdentifier,
  initialContext: object<BuildAssignment['initialContext']>({ properties: array(environmentVariable) }),
  materialRevisions: object<BuildAssignment['materialRevisions']>({ revisions: array(materialRevision) }),
  approver: optional(string),
  jobTimeoutMs: optional(integer),
});
