import { toError } from '@go-agent/runtime/core';
import type { TriggerVariable } from '../core.ts';
import type { PipelineConfig, VariableConfig } from '../domain/pipeline-config.ts';
import type { SecretBox } from '../store/secret-box.ts';

/**
 * The variables of the pipeline with new values; a text if one cannot be had. A value is a secret if the pipeline's files or whoever
 * triggers says so: nobody can make one readable.
 */
export function overridesOf(
  secrets: SecretBox,
  pipeline: PipelineConfig,
  given: readonly TriggerVariable[],
): VariableConfig[] | string {
  const overrides: VariableConfig[] = [];
  for (const wanted of given) {
    const { name } = wanted;
    const variable = pipeline.variables.find((candidate) => candidate.name === name);
    if (variable === undefined)
      return rejected(`Variable '${name}' has not been configured for pipeline '${pipeline.name}'`);
    if (!('sealed' in wanted)) {
      const secure = variable.secure || wanted.secure;
      overrides.push({ name, secure, value: secure ? secrets.seal(wanted.value) : wanted.value });
      continue;
    }
    const problem = problemOf(secrets, wanted.sealed);
    if (problem !== undefined) return rejected(`The encrypted value of variable '${name}': ${problem}`);
    overrides.push({ name, secure: true, value: wanted.sealed });
  }
  return overrides;
}

/** How the API words that a trigger is not accepted (server-config-api 2.11). */
export function rejected(why: string): string {
  return `Request to schedule pipeline rejected { ${why} }`;
}

/** Found now, while somebody is there to hear it, and not when the job is handed out. */
function problemOf(secrets: SecretBox, sealed: string): string | undefined {
  try {
    secrets.open(sealed);
    return undefined;
  } catch (error) {
    return toError(error).message;
  }
}
