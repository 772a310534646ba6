import { otherVariables, settingsCatalogue } from './catalogue.ts';
import { closestName } from './closest-name.ts';
import type { SettingProblem } from './setting-problem.ts';
import type { SettingSources } from './setting-sources.ts';

/** What looks like a setting and is none. */
export function unknownNames({ flags, environment, envFile, properties }: SettingSources): SettingProblem[] {
  const names = settingsCatalogue.map(({ name }) => name);
  const variables = settingsCatalogue.flatMap(({ variables }) => variables);
  const keys = settingsCatalogue.flatMap(({ property }) => property ?? []);
  const isKnown = (variable: string) => variables.includes(variable) || otherVariables.includes(variable);
  const inFile = Object.keys(envFile?.values ?? {}).filter((name) => !isKnown(name));
  const inEnvironment = Object.keys(environment).filter(
    (name) => name.startsWith('GO_AGENT_') && !isKnown(name),
  );
  return [
    ...Object.keys(flags)
      .filter((name) => !names.includes(name))
      .map((name) => unknown(`--set ${name}`, closestName(name, names))),
    ...inEnvironment.map((name) => unknown(`environment variable ${name}`, closestName(name, variables))),
    ...inFile.flatMap((name) => {
      // Others belong to what the agent runs in, and are handed on.
      const meant = closestName(name, variables);
      const isOurs = /^(GO_AGENT|GO_EA|GO_SERVER|AGENT_AUTO_REGISTER)_/.test(name);
      return meant !== undefined || isOurs ? [unknown(`${envFile?.path}: ${name}`, meant)] : [];
    }),
    ...[...(properties?.keys() ?? [])]
      .filter((key) => !keys.includes(key))
      .map((key) => unknown(`config/autoregister.properties: ${key}`, closestName(key, keys))),
  ];
}

function unknown(what: string, meant: string | undefined): SettingProblem {
  const question = meant === undefined ? '' : `; did you mean ${meant}?`;
  return { level: 'warning', message: `${what} is no setting${question}` };
}
