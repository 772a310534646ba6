import { AUTO_REGISTER_VARIABLES } from '../identity/auto-register.ts';

type Environment = Readonly<Record<string, string | undefined>>;

// Marks the processes of the job in which this agent itself may run; their descendants have to carry it.
const MARKER = 'GO_AGENT_JOB_MARKER';

/** The names of what belongs to the agent itself: its settings, keys and tokens. No job may see them. */
export function hiddenVariables(environment: Environment): readonly string[] {
  const isOwn = (name: string) => name.startsWith('GO_AGENT_') && name !== MARKER;
  return Object.keys(environment).filter((name) => isOwn(name) || AUTO_REGISTER_VARIABLES.includes(name));
}

export function withoutVariables(
  environment: Environment,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || names.includes(name) ? [] : [[name, value]],
    ),
  );
}
