export {
  AGENT_INSTRUCTIONS,
  type AgentInstruction,
  decodeCookieBody,
  decodeInstructionBody,
  decodeIsIgnoredBody,
  encodeCookieBody,
  encodeInstructionBody,
  encodeIsIgnoredBody,
} from './agent-answers.ts';
export {
  type AgentRequest,
  decodeAgentRequest,
  decodeGetCookieRequest,
  decodeGetWorkRequest,
  decodeIsIgnoredRequest,
  decodePingRequest,
  decodeReportCompleteStatusRequest,
  decodeReportCurrentStatusRequest,
  encodeAgentRequest,
  type GetCookieRequest,
  type GetWorkRequest,
  type IsIgnoredRequest,
  type PingRequest,
  type ReportCompleteStatusRequest,
  type ReportCurrentStatusRequest,
} from './agent-requests.ts';
export {
  AGENT_RUNTIME_STATUSES,
  type AgentBuildingInfo,
  type AgentIdentifier,
  type AgentRuntimeInfo,
  type AgentRuntimeStatus,
  decodeAgentRuntimeInfo,
  type ElasticAgentRuntimeInfo,
  encodeAgentRuntimeInfo,
  type PlainAgentRuntimeInfo,
} from './agent-runtime-info.ts';
export { agentToken, isAgentToken } from './agent-token.ts';
export {
  type ArtifactPlan,
  type BuiltInArtifactPlan,
  decodePluggableArtifactConfig,
  type ExternalArtifactPlan,
  encodePluggableArtifactConfig,
  type PluggableArtifactConfig,
} from './artifact-plan.ts';
export {
  type AutoRegisterProperties,
  parseAutoRegisterProperties,
  scrubAutoRegisterProperties,
} from './auto-register-properties.ts';
export type { BuildAssignment } from './build-assignment.ts';
export {
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
  type RunIfStatus,
} from './builder.ts';
export { decodeBuilder, encodeBuilder } from './builder-decoder.ts';
export { decodeBundleManifest, encodeBundleManifest } from './bundle-manifest.ts';
export {
  type CaseInsensitiveString,
  caseInsensitiveString,
  javaHashCode,
} from './case-insensitive-string.ts';
export { formatChecksumFile, parseChecksumFile } from './checksum-file.ts';
export type { ArtifactStore, ConfigurationProperty } from './configuration-property.ts';
export {
  type ConsoleLine,
  formatConsoleLine,
  formatDateTime,
  formatTimeOfDay,
  parseConsoleLine,
} from './console-line.ts';
export { ConsoleTag } from './console-tag.ts';
export {
  type ConsolePlace,
  CROPPED,
  consoleText,
  MASKED_IN_OUTPUT,
  MASKED_IN_REPORT,
  type StatusWord,
} from './console-text.ts';
export { DecodeError } from './decode/decode-error.ts';
export { parseJson } from './decode/parse-json.ts';
export {
  AGENT_ACTIONS,
  AGENT_TOKEN_PATH,
  type AgentAction,
  agentActionPath,
  agentBundlePath,
  agentTokenPath,
  artifactFilePath,
  artifactFolderPath,
  artifactUploadPath,
  CONSOLE_LOG,
  CONTEXT_PATH,
  checksumFilePath,
  consoleLogPath,
  endpointUrl,
  FILES_PATH,
  LATEST_AGENT_STATUS_PATH,
  LATEST_BUNDLES_PATH,
  MD5_CHECKSUM,
  REGISTRATION_PATH,
  REMOTING_FILES_PATH,
  StockBinaryPath,
} from './endpoints.ts';
export {
  type EffectiveValue,
  type EnvironmentVariable,
  effectiveValue,
  type SecretParam,
  type UnresolvedSecret,
} from './environment-variable.ts';
export { decodeExtraProperties, encodeExtraProperties } from './extra-properties.ts';
export type {
  ChecksumFileHandler,
  ChecksumValidationPublisher,
  DirHandler,
  FetchHandler,
  FileHandler,
} from './fetch-handler.ts';
export {
  decodeFileSelection,
  decodeManifestEntry,
  type FileSelection,
  fileBatchPath,
  fileUploadPath,
  folderManifestPath,
  folderQueryPath,
  formatSha256Line,
  LARGEST_BATCH,
  LARGEST_BATCHED_FILE,
  MANIFEST_TYPE,
  type ManifestEntry,
  MOST_BATCHED,
  parseSha256Lines,
  SHA256_CHECKSUM,
  TAR_TYPE,
  TEST_SUMMARY,
} from './file-transfer.ts';
export { HeaderName, MediaType } from './header-name.ts';
export {
  formatPreferWait,
  formatReprDigest,
  parseCount,
  parseMd5,
  parsePreferWait,
  parseReprDigest,
} from './header-values.ts';
export { formatProperty, parseProperties } from './java-properties.ts';
export { decodeJobIdentifier, encodeJobIdentifier, type JobIdentifier } from './job-identifier.ts';
export { JOB_RESULTS, JOB_STATES, type JobResult, type JobState } from './job-state.ts';
export { type BundleManifest, BundleName, ExitCode, LaunchOutcome } from './launch-contract.ts';
export { staysInTree } from './link-target.ts';
export {
  type ArtifactAddress,
  artifactLocator,
  buildLocator,
  buildLocatorForDisplay,
  parseArtifactLocator,
} from './locators.ts';
export type {
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
export { decodeMaterial, encodeMaterial } from './material-decoder.ts';
export {
  decodeMaterialRevision,
  encodeMaterialRevision,
  type MaterialInstance,
  type MaterialInstanceType,
  type MaterialRevision,
  type Modification,
} from './material-revision.ts';
export {
  decodeRegistrationFields,
  encodeRegistrationFields,
  type RegistrationFields,
} from './registration-fields.ts';
export { readTar, TAR_END, type TarEntry, TarError, type TarFile, tarHeader, tarPadding } from './tar.ts';
export type { WireFile } from './wire-file.ts';
export {
  type BuildWork,
  type DeniedAgentWork,
  decodeBuildWork,
  decodeWork,
  encodeWork,
  type NoWork,
  type UnregisteredAgentWork,
  type Work,
} from './work.ts';
