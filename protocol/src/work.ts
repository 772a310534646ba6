import { type BuildAssignment, buildAssignment } from './build-assignment.ts';
import { constant, object, optional, tagged, withDefault } from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';

/** Nothing to do (yet). */
export interface NoWork {
  readonly type: 'NoWork';
}

/** The agent is disabled. */
export interface DeniedAgentWork {
  readonly type: 'DeniedAgentWork';
  readonly uuid: string;
}

/** The agent is unknown or pending at the time of assignment. */
export interface UnregisteredAgentWork {
  readonly type: 'UnregisteredAgentWork';
  readonly message?: string;
  readonly uuid: string;
}

/** A job. */
export interface BuildWork {
  readonly type: 'BuildWork';
  readonly assignment: BuildAssignment;
  /** Name of the charset of task output and console log. */
  readonly consoleLogCharset: string;
}

/** Answer of `get_work` (reference 4.7). */
export type Work = NoWork | DeniedAgentWork | UnregisteredAgentWork | BuildWork;

const buildWork = object<BuildWork>({
  type: constant('BuildWork'),
  assignment: buildAssignment,
  consoleLogCharset: string,
});

const work: Decoder<Work> = tagged<Work>('type', {
  NoWork: object<NoWork>({ type: constant('NoWork') }),
  DeniedAgentWork: object<DeniedAgentWork>({
    type: constant('DeniedAgentWork'),
    uuid: withDefault(string, ''),
  }),
  UnregisteredAgentWork: object<UnregisteredAgentWork>({
    type: constant('UnregisteredAgentWork'),
    message: optional(string),
    uuid: withDefault(string, ''),
  }),
  BuildWork: buildWork,
});

export const decodeWork = decodeWith(work);
export const encodeWork = encodeWith(decodeWork);
/** Of a value that is known to be a job, such as a stored one; the `type` may be missing. */
export const decodeBuildWork = decodeWith(buildWork);
