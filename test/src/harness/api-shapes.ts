// What the scenarios read of the REST API's answers; the server's own tests look at the whole shapes.

export interface AgentShape {
  readonly uuid: string;
  readonly hostname: string;
  readonly agent_config_state: string;
  readonly agent_state: string;
  readonly build_state: string;
  readonly display_state: string;
  readonly agent_version: string;
  readonly sandbox: string;
}

export interface JobShape {
  readonly name: string;
  readonly state: string;
  readonly result: string;
  readonly agent_uuid: string | null;
  readonly job_state_transitions: readonly { readonly state: string; readonly state_change_time: number }[];
}

export interface StageShape {
  readonly name: string;
  readonly counter: number;
  readonly result: string;
  readonly jobs: readonly JobShape[];
}

export interface HealthShape {
  readonly message: string;
  readonly detail: string;
  readonly level: string;
}

/** Names one run of a job. */
export interface JobLocator {
  readonly pipeline: string;
  readonly counter: number;
  readonly stage: string;
  readonly job: string;
}
