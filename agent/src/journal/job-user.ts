/** The user of the system as whom a job runs, if that is not the agent's own. */
export interface JobUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** The user's own folder. */
  readonly home: string;
}
