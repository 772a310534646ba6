// Plain and secure variables (reference: server-config-api 1.3).

import { toError } from '@go-agent/runtime/core';
import type { VariableConfig } from '../../domain/pipeline-config.ts';
import { namedMap } from './collections.ts';
import { andThen, type Context, report, type Schema } from './parse-into.ts';
import { optional, text } from './scalars.ts';

/** Opens and makes sealed text; implemented by the store's SecretBox. */
export interface Secrets {
  seal(plain: string): string;
  open(sealed: string): string;
}

const SECRET_PARAMETER = '{{SECRET:[';

/** Text in which secret parameters are not hidden: this server has nothing to resolve them with. */
export const plainText: Schema<string> = andThen(text, (value, context) => {
  if (value.includes(SECRET_PARAMETER)) {
    report(
      context,
      [],
      'secret parameters ({{SECRET:[…][…]}}) are not supported by this server yet; use secure_variables',
    );
  }
  return value;
});

export const plainVariables: Schema<VariableConfig[]> = optional(
  namedVariables((name) => andThen(optional(plainText, ''), (value) => ({ name, value, secure: false }))),
  [],
);

export function secureVariables(secrets: Secrets): Schema<VariableConfig[]> {
  const sealed = sealedText(secrets);
  return optional(
    namedVariables((name) => andThen(sealed, (value) => ({ name, value, secure: true }))),
    [],
  );
}

/** Text that this server has sealed. */
export function sealedText(secrets: Secrets): Schema<string> {
  return andThen(text, (value, context) => {
    try {
      secrets.open(value);
    } catch (error) {
      report(context, [], toError(error).message);
    }
    return value;
  });
}

interface Variables {
  readonly environment_variables: readonly VariableConfig[];
  readonly secure_variables: readonly VariableConfig[];
}

export function variableKeys(secrets: Secrets) {
  return { environment_variables: plainVariables, secure_variables: secureVariables(secrets) };
}

/** Both kinds in one list; a name in both is an error. */
export function mergedVariables(owner: Variables, context: Context): VariableConfig[] {
  const names = new Set(owner.environment_variables.map((variable) => variable.name));
  for (const { name } of owner.secure_variables) {
    if (names.has(name))
      report(context, ['secure_variables', name], `Environment Variable ${name} defined more than once`);
  }
  return [...owner.environment_variables, ...owner.secure_variables];
}

/** Unlike other names, those of variables are case-sensitive. */
function namedVariables(schema: (name: string) => Schema<VariableConfig>): Schema<VariableConfig[]> {
  return namedMap('variable', schema, { problemOf: variableNameProblem, caseSensitive: true });
}

function variableNameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'Environment Variable cannot have an empty name.';
  if (/[=\0]/.test(name)) return `Environment Variable name '${name}' cannot contain "=".`;
  return name.trim() === name ? undefined : 'Environment Variable cannot start or end with spaces.';
}
