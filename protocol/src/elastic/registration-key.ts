import { object, optional, record, tagged } from '../decode/compounds.ts';
import { type Decoder, decodeWith } from '../decode/decoder.ts';
import { integer, oneOf, string } from '../decode/scalars.ts';

/** A key for one agent that is about to be started. This is where the server enforces `maxAgents` and one agent for a job's attempt. */
export interface CreateRegistrationKeyParams {
  readonly clusterId: string;
  readonly profileId: string;
  /** Given out by the plugin, unlike any before: letters, digits, dots, hyphens, underscores; at most 255. */
  readonly agentId: string;
  /** For which it is started; absent: for none in particular. */
  readonly jobId?: number;
}

export type CreateRegistrationKeyResult =
  | {
      readonly type: 'created';
      /** Good for one registration, and only with this agent id. The server keeps its hash alone. */
      readonly key: string;
      /** Epoch milliseconds. */
      readonly expiresAt: number;
      readonly serverUrl: string;
      /** Of the pipeline; the server knows it anyway. */
      readonly environment?: string;
      /** The lines of `config/autoregister.properties`. */
      readonly autoRegisterProperties: Readonly<Record<string, string>>;
      /** The same as environment of a container that makes the file itself, as GoCD's images do (`GO_EA_…`). */
      readonly environmentVariables: Readonly<Record<string, string>>;
    }
  /** No agent is to be started: answer `wait` with this reason. */
  | { readonly type: 'refused'; readonly reason: string; readonly askAgainMs: number };

type Of<T extends CreateRegistrationKeyResult['type']> = Extract<
  CreateRegistrationKeyResult,
  { readonly type: T }
>;

const result: Decoder<CreateRegistrationKeyResult> = tagged<CreateRegistrationKeyResult>('type', {
  created: object<Of<'created'>>({
    type: oneOf(['created']),
    key: string,
    expiresAt: integer,
    serverUrl: string,
    environment: optional(string),
    autoRegisterProperties: record(string),
    environmentVariables: record(string),
  }),
  refused: object<Of<'refused'>>({ type: oneOf(['refused']), reason: string, askAgainMs: integer }),
});

export const decodeCreateRegistrationKeyParams = decodeWith(
  object<CreateRegistrationKeyParams>({
    clusterId: string,
    profileId: string,
    agentId: string,
    jobId: optional(integer),
  }),
);

export const decodeCreateRegistrationKeyResult = decodeWith(result);
