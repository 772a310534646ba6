import type { CaseInsensitiveString } from './case-insensitive-string.ts';
import type { ConfigurationProperty } from './configuration-property.ts';
import type { SecretParam } from './environment-variable.ts';

/** JSON that the server computed for itself and an agent ignores. */
type ServerOnly = Readonly<Record<string, unknown>>;

export interface MaterialUrl {
  /** A constant that some Java classes leak. */
  readonly SINGLE_HASH?: string;
  /** May hold credentials. */
  readonly url: string;
}

export interface MaterialFilter {
  readonly pattern: string;
  readonly configErrors?: ServerOnly;
}

interface MaterialFields {
  readonly name?: CaseInsensitiveString;
  readonly materialType: string;
  readonly sqlCriteria?: ServerOnly;
  readonly attributesForXml?: ServerOnly;
  readonly fingerprint?: string;
  readonly pipelineUniqueFingerprint?: string;
  readonly id?: number;
}

interface ScmMaterialFields extends MaterialFields {
  readonly filter?: readonly MaterialFilter[];
  /** Folder below the job's working folder. Absent: that folder itself. */
  readonly folder?: string;
  readonly autoUpdate?: boolean;
  readonly invertFilter?: boolean;
  readonly userName?: string;
  /** In clear text, apart from `{{SECRET:..}}` parts (reference 4.9). */
  readonly password?: string;
  readonly secretParamsForPassword?: readonly SecretParam[];
}

export interface GitMaterial extends ScmMaterialFields {
  readonly type: 'GitMaterial';
  readonly url: MaterialUrl;
  /** Absent: `master`. */
  readonly refSpecOrBranch?: string;
  readonly shallowClone: boolean;
  readonly submoduleFolder?: string;
}

export interface HgMaterial extends ScmMaterialFields {
  readonly type: 'HgMaterial';
  readonly url: MaterialUrl;
  readonly branch?: string;
}

export interface SvnMaterial extends ScmMaterialFields {
  readonly type: 'SvnMaterial';
  readonly checkExternals: boolean;
  readonly url: MaterialUrl;
}

export interface P4Material extends ScmMaterialFields {
  readonly type: 'P4Material';
  readonly serverAndPort: string;
  readonly useTickets: boolean;
  readonly view: { readonly value: string; readonly configErrors?: ServerOnly };
}

export interface TfsMaterial extends ScmMaterialFields {
  readonly type: 'TfsMaterial';
  readonly url: MaterialUrl;
  readonly domain?: string;
  readonly projectPath: string;
}

export interface PluginConfiguration {
  readonly id: string;
  readonly version?: string;
  readonly errors?: ServerOnly;
}

export interface PluggableScm {
  readonly errors?: ServerOnly;
  readonly id: string;
  readonly name?: string;
  readonly autoUpdate?: boolean;
  readonly plugin: PluginConfiguration;
  readonly config: readonly ConfigurationProperty[];
}

export interface PluggableScmMaterial extends MaterialFields {
  readonly type: 'PluggableSCMMaterial';
  readonly scmId?: string;
  readonly scm: PluggableScm;
  readonly folder?: string;
  readonly filter?: readonly MaterialFilter[];
  readonly invertFilter?: boolean;
}

export interface PackageRepository {
  readonly id?: string;
  readonly name?: string;
  readonly plugin: PluginConfiguration;
  readonly config: readonly ConfigurationProperty[];
  readonly errors?: ServerOnly;
}

export interface PackageDefinition {
  readonly errors?: ServerOnly;
  readonly id?: string;
  readonly name?: string;
  readonly autoUpdate?: boolean;
  readonly config: readonly ConfigurationProperty[];
  readonly repository: PackageRepository;
}

export interface PackageMaterial extends MaterialFields {
  readonly type: 'PackageMaterial';
  readonly packageId?: string;
  readonly package: PackageDefinition;
}

/** Another pipeline's stage. Nothing to check out. */
export interface DependencyMaterial extends MaterialFields {
  readonly type: 'DependencyMaterial';
  readonly pipelineName: CaseInsensitiveString;
  readonly stageName: CaseInsensitiveString;
  readonly ignoreForScheduling?: boolean;
}

/** What a job's sources are, by Java class name (reference 4.9, "Other materials"). */
export type Material =
  | GitMaterial
  | HgMaterial
  | SvnMaterial
  | P4Material
  | TfsMaterial
  | PluggableScmMaterial
  | PackageMaterial
  | DependencyMaterial;
