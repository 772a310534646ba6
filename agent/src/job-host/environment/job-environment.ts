import { type BuildAssignment, consoleText, effectiveValue, MASKED_IN_REPORT } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';

export interface JobVariable {
  readonly name: string;
  /** With its secrets put in. */
  readonly value: string;
  readonly secure: boolean;
}

export type Environment = Readonly<Record<string, string>>;

/**
 * The variables of the job in the order in which they are set; the last of a name wins (agent-protocol 8.1).
 * @throws AppError job-secret-unresolved
 */
export function jobVariables(assignment: BuildAssignment, serverUrl: string): JobVariable[] {
  const given = assignment.initialContext.properties.map(({ name, value, secure, secretParams }) => {
    const effective = effectiveValue(value, secretParams);
    if (effective.type === 'unresolved') {
      const { secretConfigId, key } = effective.secret;
      throw new AppError(
        'job-secret-unresolved',
        `The server did not resolve the secret ${key} of ${secretConfigId} in variable ${name}; check the secret configuration`,
      );
    }
    return { name, value: effective.value, secure: secure || secretParams.length > 0 };
  });
  return [{ name: 'GO_SERVER_URL', value: serverUrl, secure: false }, ...given];
}

/** What the agent's own environment lets a job inherit. */
export function inheritedEnvironment(own: NodeJS.ProcessEnv, hidden: readonly string[]): Environment {
  const names = new Set(hidden);
  const kept = Object.entries(own).filter(([name, value]) => value !== undefined && !names.has(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

/** The environment of the job's tasks. `CI` is ours, for the tools that look for it; a variable of the job wins over it. */
export function taskEnvironment(inherited: Environment, variables: readonly JobVariable[]): Environment {
  const set = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  return { ...inherited, CI: 'true', ...set };
}

/** The console's report of the variables, one text for each (agent-protocol 4.11 no. 7). */
export function environmentReport(inherited: Environment, variables: readonly JobVariable[]): string[] {
  const known = new Set(Object.keys(inherited));
  return variables.map(({ name, value, secure }) => {
    const shown = secure ? MASKED_IN_REPORT : value;
    const text = known.has(name)
      ? consoleText.overrideVariable(name, shown)
      : consoleText.setVariable(name, shown);
    known.add(name);
    return text;
  });
}
