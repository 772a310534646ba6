import {
  type Builder,
  type BuilderForKillAllChildTask,
  type CommandBuilder,
  type CommandBuilderWithArgList,
  type FetchArtifactBuilder,
  type FetchPluggableArtifactBuilder,
  type NullBuilder,
  type PluggableTaskBuilder,
  type PluginConfigValue,
  RUN_IF_STATUSES,
  type RunIf,
} from './builder.ts';
import { artifactStore, configurationProperty } from './configuration-property.ts';
import {
  array,
  constant,
  type Fields,
  jsonObject,
  lazy,
  object,
  optional,
  record,
  tagged,
  withDefault,
} from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { boolean, integer, knownWord, string } from './decode/scalars.ts';
import { checksumFileHandler, fetchHandler } from './fetch-handler.ts';
import { encodeWith } from './gson-json.ts';
import { jobIdentifier } from './job-identifier.ts';
import { wireFile } from './wire-file.ts';

const runIf = object<RunIf>({
  status: knownWord(RUN_IF_STATUSES),
  configErrors: optional(jsonObject),
});

type Common = 'exitCode' | 'conditions' | 'description' | 'cancelBuilder' | 'timeoutMs';

// Defaults where a stock server may leave a field out (reference 4.10). In Java these fields come last.
const common: Fields<Pick<Builder, Common>> = {
  exitCode: withDefault(integer, -1),
  conditions: array(runIf),
  description: withDefault(string, ''),
  cancelBuilder: optional(lazy(() => builder)),
  timeoutMs: optional(integer),
};

/** The two builders that may arrive as their `type` alone. */
const bare: Fields<Pick<Builder, Common>> = { ...common, conditions: withDefault(array(runIf), []) };

export const builder: Decoder<Builder> = tagged<Builder>('type', {
  CommandBuilderWithArgList: object<CommandBuilderWithArgList>({
    type: constant('CommandBuilderWithArgList'),
    args: withDefault(array(string), []),
    command: string,
    workingDir: wireFile,
    errorString: withDefault(string, ''),
    ...common,
  }),
  CommandBuilder: object<CommandBuilder>({
    type: constant('CommandBuilder'),
    args: withDefault(string, ''),
    command: string,
    workingDir: wireFile,
    errorString: withDefault(string, ''),
    ...common,
  }),
  FetchArtifactBuilder: object<FetchArtifactBuilder>({
    type: constant('FetchArtifactBuilder'),
    jobIdentifier,
    srcdir: string,
    dest: withDefault(string, ''),
    handler: fetchHandler,
    checksumFileHandler,
    ...common,
  }),
  FetchPluggableArtifactBuilder: object<FetchPluggableArtifactBuilder>({
    type: constant('FetchPluggableArtifactBuilder'),
    jobIdentifier,
    artifactId: string,
    metadataFileDest: wireFile,
    checksumFileHandler,
    artifactStore,
    configuration: withDefault(array(configurationProperty), []),
    metadataFileLocationOnServer: string,
    ...common,
  }),
  PluggableTaskBuilder: object<PluggableTaskBuilder>({
    type: constant('PluggableTaskBuilder'),
    workingDir: string,
    pluginId: string,
    pluginConfig: withDefault(
      record(object<PluginConfigValue>({ value: optional(string), secure: optional(boolean) })),
      {},
    ),
    ...common,
  }),
  BuilderForKillAllChildTask: object<BuilderForKillAllChildTask>({
    type: constant('BuilderForKillAllChildTask'),
    currentProcess: optional(jsonObject),
    cancelAttempted: optional(boolean),
    ...bare,
  }),
  NullBuilder: object<NullBuilder>({ type: constant('NullBuilder'), ...bare }),
});

export const decodeBuilder = decodeWith(builder);
export const encodeBuilder = encodeWith(decodeBuilder);
