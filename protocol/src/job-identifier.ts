import { object, optional, withDefault } from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { integer, string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';

/** Which job, by names and by database id (reference 4.4). */
export interface JobIdentifier {
  readonly pipelineName: string;
  readonly pipelineCounter: number;
  readonly pipelineLabel: string;
  readonly stageName: string;
  /** Name of the job instance, such as `test-runInstance-2`. */
  readonly buildName: string;
  /** The server knows the job by this alone in reports. 0 in fetch builders. */
  readonly buildId: number;
  /** A string on the wire: `"1"`, or `"latest"` in some fetch builders. */
  readonly stageCounter: string;
  /** Counter of the stage run that this one re-runs. */
  readonly rerunOfCounter?: number;
}

export const jobIdentifier: Decoder<JobIdentifier> = object<JobIdentifier>({
  pipelineName: string,
  pipelineCounter: integer,
  // A server that names a source job by its counter alone sends no label.
  pipelineLabel: withDefault(string, ''),
  stageName: string,
  buildName: string,
  buildId: withDefault(integer, 0),
  stageCounter: string,
  rerunOfCounter: optional(integer),
});

export const decodeJobIdentifier = decodeWith(jobIdentifier);
export const encodeJobIdentifier = encodeWith(decodeJobIdentifier);
