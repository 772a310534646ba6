export interface SettingProblem {
  /** An `error` keeps the agent from starting. */
  readonly level: 'error' | 'warning';
  readonly message: string;
}
