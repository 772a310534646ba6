import { caseInsensitiveStringDecoder } from './case-insensitive-string.ts';
import { configurationProperty } from './configuration-property.ts';
import {
  array,
  constant,
  type Fields,
  jsonObject,
  object,
  optional,
  tagged,
  withDefault,
} from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { boolean, integer, string } from './decode/scalars.ts';
import { secretParam } from './environment-variable.ts';
import { encodeWith } from './gson-json.ts';
import type {
  DependencyMaterial,
  GitMaterial,
  HgMaterial,
  Material,
  MaterialFilter,
  MaterialUrl,
  P4Material,
  PackageDefinition,
  PackageMaterial,
  PackageRepository,
  PluggableScm,
  PluggableScmMaterial,
  PluginConfiguration,
  SvnMaterial,
  TfsMaterial,
} from './material.ts';

const url = object<MaterialUrl>({ SINGLE_HASH: optional(string), url: string });
const filter = optional(
  array(object<MaterialFilter>({ pattern: string, configErrors: optional(jsonObject) })),
);
const configuration = withDefault(array(configurationProperty), []);
const plugin = object<PluginConfiguration>({
  id: string,
  version: optional(string),
  errors: optional(jsonObject),
});

/** Fields of Java's AbstractMaterial, which come last. */
const base: Fields<
  Pick<
    Material,
    | 'name'
    | 'materialType'
    | 'sqlCriteria'
    | 'attributesForXml'
    | 'fingerprint'
    | 'pipelineUniqueFingerprint'
    | 'id'
  >
> = {
  name: optional(caseInsensitiveStringDecoder),
  materialType: string,
  sqlCriteria: optional(jsonObject),
  attributesForXml: optional(jsonObject),
  fingerprint: optional(string),
  pipelineUniqueFingerprint: optional(string),
  id: optional(integer),
};

/** Fields of Java's ScmMaterial and AbstractMaterial. */
const scm: Fields<Omit<HgMaterial, 'type' | 'url' | 'branch'>> = {
  filter,
  folder: optional(string),
  autoUpdate: optional(boolean),
  invertFilter: optional(boolean),
  userName: optional(string),
  password: optional(string),
  secretParamsForPassword: optional(array(secretParam)),
  ...base,
};

const pluggableScm = object<PluggableScm>({
  errors: optional(jsonObject),
  id: string,
  name: optional(string),
  autoUpdate: optional(boolean),
  plugin,
  config: configuration,
});

const packageDefinition = object<PackageDefinition>({
  errors: optional(jsonObject),
  id: optional(string),
  name: optional(string),
  autoUpdate: optional(boolean),
  config: configuration,
  repository: object<PackageRepository>({
    id: optional(string),
    name: optional(string),
    plugin,
    config: configuration,
    errors: optional(jsonObject),
  }),
});

export const material: Decoder<Material> = tagged<Material>('type', {
  GitMaterial: object<GitMaterial>({
    type: constant('GitMaterial'),
    url,
    refSpecOrBranch: optional(string),
    shallowClone: withDefault(boolean, false),
    submoduleFolder: optional(string),
    ...scm,
  }),
  HgMaterial: object<HgMaterial>({ type: constant('HgMaterial'), url, branch: optional(string), ...scm }),
  SvnMaterial: object<SvnMaterial>({
    type: constant('SvnMaterial'),
    checkExternals: withDefault(boolean, false),
    url,
    ...scm,
  }),
  P4Material: object<P4Material>({
    type: constant('P4Material'),
    serverAndPort: string,
    useTickets: withDefault(boolean, false),
    view: object<P4Material['view']>({ value: string, configErrors: optional(jsonObject) }),
    ...scm,
  }),
  TfsMaterial: object<TfsMaterial>({
    type: constant('TfsMaterial'),
    url,
    domain: optional(string),
    projectPath: string,
    ...scm,
  }),
  PluggableSCMMaterial: object<PluggableScmMaterial>({
    type: constant('PluggableSCMMaterial'),
    scmId: optional(string),
    scm: pluggableScm,
    folder: optional(string),
    filter,
    invertFilter: optional(boolean),
    ...base,
  }),
  PackageMaterial: object<PackageMaterial>({
    type: constant('PackageMaterial'),
    packageId: optional(string),
    package: packageDefinition,
    ...base,
  }),
  DependencyMaterial: object<DependencyMaterial>({
    type: constant('DependencyMaterial'),
    pipelineName: caseInsensitiveStringDecoder,
    stageName: caseInsensitiveStringDecoder,
    ignoreForScheduling: optional(boolean),
    ...base,
  }),
});

export const decodeMaterial = decodeWith(material);
export const encodeMaterial = encodeWith(decodeMaterial);
