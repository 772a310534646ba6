import {
  array,
  json,
  jsonObject,
  nonEmptyArray,
  object,
  optional,
  record,
  withDefault,
} from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { below } from './decode/place.ts';
import { boolean, instant, integer, oneOf, string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';
import type { Material } from './material.ts';
import { material } from './material-decoder.ts';

/** Reference 4.9. */
const MATERIAL_INSTANCE_TYPES = [
  'DependencyMaterialInstance',
  'GitMaterialInstance',
  'HgMaterialInstance',
  'P4MaterialInstance',
  'PackageMaterialInstance',
  'PluggableSCMMaterialInstance',
  'SvnMaterialInstance',
  'TfsMaterialInstance',
] as const;
export type MaterialInstanceType = (typeof MATERIAL_INSTANCE_TYPES)[number];

/** The server's own row about a material; agents ignore it, so its fields are carried as they are. */
export interface MaterialInstance {
  readonly type: MaterialInstanceType;
  readonly [field: string]: unknown;
}

/** One commit, package version or upstream run (reference 4.8). */
export interface Modification {
  readonly userName?: string;
  readonly comment?: string;
  readonly emailAddress?: string;
  readonly revision: string;
  /** JSON text. */
  readonly additionalData?: string;
  readonly additionalDataMap?: Readonly<Record<string, string>>;
  /** ISO-8601 instant with seconds and an offset or `Z`. */
  readonly modifiedTime?: string;
  /** Always empty on the wire. */
  readonly files?: readonly unknown[];
  readonly materialInstance?: MaterialInstance;
  readonly pipelineLabel?: string;
  /** Of a dependency. */
  readonly pipelineId?: number;
  readonly id?: number;
}

/** A material at the revisions that a job is about. */
export interface MaterialRevision {
  readonly material: Material;
  /** Never empty; newest first: [0] is to be checked out, the last is the from-revision. */
  readonly modifications: readonly Modification[];
  readonly changed: boolean;
}

const materialInstance: Decoder<MaterialInstance> = (value, at) => {
  const fields = jsonObject(value, at);
  const type = oneOf(MATERIAL_INSTANCE_TYPES)(fields['type'], below(at, 'type'));
  return { ...fields, type };
};

const modification = object<Modification>({
  userName: optional(string),
  comment: optional(string),
  emailAddress: optional(string),
  revision: string,
  additionalData: optional(string),
  additionalDataMap: optional(record(string)),
  modifiedTime: optional(instant),
  files: optional(array(json)),
  materialInstance: optional(materialInstance),
  pipelineLabel: optional(string),
  pipelineId: optional(integer),
  id: optional(integer),
});

export const materialRevision: Decoder<MaterialRevision> = object<MaterialRevision>({
  material,
  modifications: nonEmptyArray(modification),
  changed: withDefault(boolean, false),
});

export const decodeMaterialRevision = decodeWith(materialRevision);
export const encodeMaterialRevision = encodeWith(decodeMaterialRevision);
