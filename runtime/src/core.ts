// Everything of this package that needs nothing but Node. The logger (pino) is in index.ts.
export { AppError, type AppErrorOptions, describeError, toError } from './app-error.ts';
export {
  appendDurable,
  type JsonFile,
  readJsonFile,
  syncFolder,
  type WriteFileAtomicOptions,
  writeFileAtomic,
} from './atomic-file.ts';
export { type BackoffPolicy, backoffDelay } from './backoff.ts';
export { type Checksums, HashingTransform, hashFile } from './checksum.ts';
export { type Clock, MAX_TIMER_MS, systemClock } from './clock.ts';
export { untilAborted, withDeadline } from './deadline.ts';
export { hasRoom, takeRoom } from './disk-room.ts';
export { runtimeErrorCodes } from './errors.ts';
export { type ExitStatus, exitNumber } from './exit-status.ts';
export {
  bindGuid,
  foreignGuid,
  type GuidBinding,
  type GuidPlace,
  guidPlace,
  readGuidBinding,
} from './guid-binding.ts';
export { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';
export { comparePlace, type ProcessPlace, processPlace } from './process-place.ts';
export { keepMemoryOutOfCoreDumps, withFullCoreDump } from './processes/core-dump.ts';
export { adoptContainer, type OpenContainerOptions, openContainer } from './processes/open-container.ts';
export { PIPE_FOLDER } from './processes/output-pipe.ts';
export {
  type ContainedProcess,
  type ContainerRef,
  type ContainmentLevel,
  type EndOptions,
  type EndReport,
  MARKER_VARIABLE,
  type ProcessContainer,
  type ProcessTree,
  type SpawnContained,
  type SpawnFailureReason,
  type SpawnResult,
} from './processes/process-container.ts';
export { asRealUser, type UserId, workAs } from './processes/real-user.ts';
export { sendSignal } from './processes/send-signal.ts';
export { readQuantity } from './read-quantity.ts';
export { RotatingFile, type RotatingFileOptions } from './rotating-file.ts';
export { Secret } from './secret.ts';
export { type Every, every, runServices, type Service, ServiceEnded } from './service.ts';
export { socketPath } from './socket-path.ts';
export { trimWhileWaiting } from './trim-memory.ts';
