import fc from 'fast-check';
import {
  type ArtifactPlan,
  type Builder,
  type EnvironmentVariable,
  type Material,
  type MaterialRevision,
  RUN_IF_STATUSES,
  type Work,
} from '../index.ts';
import { int, jobIdentifier, long, shape, text } from './arbitraries.ts';

const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
// The one key that deep equality treats as a prototype; a test of its own covers it.
const key = text.filter((name) => name !== '__proto__');
const file = fc.record({ path: text });
const json = fc.dictionary(key, fc.oneof(text, int, fc.boolean()), { noNullPrototype: true, maxKeys: 3 });
const properties = list(fc.record({ key: text, value: text }));
const store = fc.record({ id: text, pluginId: text, configuration: properties });
const is = <W extends string>(word: W) => fc.constant(word);

const handler = fc.oneof(
  fc.record({
    type: is('FileHandler'),
    artifact: file,
    srcFile: text,
    checksumValidationPublisher: fc.constant({}),
  }),
  fc.record({
    type: is('DirHandler'),
    srcFile: text,
    destOnAgent: file,
    checksumValidationPublisher: fc.constant({ md5NotFoundPaths: [], md5ChecksumFileWasNotFound: false }),
  }),
);

const { builder } = fc.letrec<{ builder: Builder }>((tie) => {
  const common = {
    exitCode: int,
    conditions: list(shape({}, { status: fc.constantFrom(...RUN_IF_STATUSES), configErrors: json })),
    description: text,
  };
  const extra = { cancelBuilder: tie('builder'), timeoutMs: int };
  const command = { command: text, workingDir: file, errorString: text, ...common };
  const checksumFileHandler = fc.record({ checksumFile: file });
  return {
    builder: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      shape({ type: is('NullBuilder'), ...common }, {}),
      shape(
        { type: is('BuilderForKillAllChildTask'), ...common },
        { ...extra, currentProcess: json, cancelAttempted: fc.boolean() },
      ),
      shape({ type: is('CommandBuilder'), args: text, ...command }, extra),
      shape({ type: is('CommandBuilderWithArgList'), args: list(text), ...command }, extra),
      shape(
        {
          type: is('FetchArtifactBuilder'),
          jobIdentifier,
          srcdir: text,
          dest: text,
          handler,
          checksumFileHandler,
          ...common,
        },
        extra,
      ),
      shape(
        {
          type: is('FetchPluggableArtifactBuilder'),
          jobIdentifier,
          artifactId: text,
          metadataFileDest: file,
          checksumFileHandler,
          artifactStore: store,
          configuration: properties,
          metadataFileLocationOnServer: text,
          ...common,
        },
        extra,
      ),
      shape(
        {
          type: is('PluggableTaskBuilder'),
          workingDir: text,
          pluginId: text,
          pluginConfig: fc.dictionary(key, shape({}, { value: text }), { noNullPrototype: true, maxKeys: 3 }),
          ...common,
        },
        extra,
      ),
    ),
  };
});

const artifactPlan: fc.Arbitrary<ArtifactPlan> = fc.oneof(
  shape(
    { artifactPlanType: fc.constantFrom('file' as const, 'unit' as const), src: text, dest: text },
    { id: long, buildId: long, testArtifactPlansForMerging: fc.constant([]) },
  ),
  shape({ artifactPlanType: is('external'), pluggableArtifactConfigJson: text }, { id: long }),
);

const secretParams = list(
  shape({ secretConfigId: text, key: text, resolved: fc.boolean() }, { value: text }),
);
const environmentVariable: fc.Arbitrary<EnvironmentVariable> = fc.record({
  name: text,
  value: text,
  secure: fc.boolean(),
  secretParams,
});

const url = shape({ url: text }, { SINGLE_HASH: text });
const name = shape({ name: text }, { hashCode: int });
const base = { name, sqlCriteria: json, attributesForXml: json, fingerprint: text, id: long };
const scm = {
  ...base,
  filter: list(shape({ pattern: text }, { configErrors: json })),
  folder: text,
  autoUpdate: fc.boolean(),
  invertFilter: fc.boolean(),
  userName: text,
  password: text,
  secretParamsForPassword: secretParams,
};
const plugin = shape({ id: text }, { version: text, errors: json });
const materialType = text;

const material: fc.Arbitrary<Material> = fc.oneof(
  shape(
    { type: is('GitMaterial'), url, shallowClone: fc.boolean(), materialType },
    { ...scm, refSpecOrBranch: text, submoduleFolder: text },
  ),
  shape({ type: is('HgMaterial'), url, materialType }, { ...scm, branch: text }),
  shape({ type: is('SvnMaterial'), url, checkExternals: fc.boolean(), materialType }, scm),
  shape(
    {
      type: is('P4Material'),
      serverAndPort: text,
      useTickets: fc.boolean(),
      view: shape({ value: text }, { configErrors: json }),
      materialType,
    },
    scm,
  ),
  shape({ type: is('TfsMaterial'), url, projectPath: text, materialType }, { ...scm, domain: text }),
  shape(
    {
      type: is('PluggableSCMMaterial'),
      scm: shape({ id: text, plugin, config: properties }, { name: text, autoUpdate: fc.boolean() }),
      materialType,
    },
    { ...base, scmId: text, folder: text },
  ),
  shape(
    {
      type: is('PackageMaterial'),
      package: shape(
        { config: properties, repository: shape({ plugin, config: properties }, { id: text, name: text }) },
        { id: text, name: text },
      ),
      materialType,
    },
    { ...base, packageId: text },
  ),
  shape(
    { type: is('DependencyMaterial'), pipelineName: name, stageName: name, materialType },
    { ...base, ignoreForScheduling: fc.boolean() },
  ),
);

const modification = shape(
  { revision: text },
  {
    userName: text,
    comment: text,
    emailAddress: text,
    additionalData: text,
    additionalDataMap: fc.dictionary(key, text, { noNullPrototype: true, maxKeys: 3 }),
    modifiedTime: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString()),
    materialInstance: fc.constant({
      type: 'GitMaterialInstance' as const,
      id: 3,
      nested: { deep: [1, 'x', true] },
    }),
    pipelineLabel: text,
    pipelineId: long,
    id: long,
  },
);
const materialRevision: fc.Arbitrary<MaterialRevision> = fc.record({
  material,
  modifications: fc.array(modification, { minLength: 1, maxLength: 3 }),
  changed: fc.boolean(),
});

export const work: fc.Arbitrary<Work> = fc.oneof(
  fc.record({ type: is('NoWork') }),
  fc.record({ type: is('DeniedAgentWork'), uuid: text }),
  shape({ type: is('UnregisteredAgentWork'), uuid: text }, { message: text }),
  {
    weight: 10,
    arbitrary: fc.record({
      type: is('BuildWork'),
      assignment: shape(
        {
          fetchMaterials: fc.boolean(),
          cleanWorkingDirectory: fc.boolean(),
          builders: list(builder),
          artifactPlans: list(artifactPlan),
          artifactStores: list(store),
          buildWorkingDirectory: file,
          jobIdentifier,
          initialContext: fc.record({ properties: list(environmentVariable) }),
          materialRevisions: fc.record({ revisions: list(materialRevision) }),
        },
        { approver: text, jobTimeoutMs: int },
      ),
      consoleLogCharset: text,
    }),
  },
);
