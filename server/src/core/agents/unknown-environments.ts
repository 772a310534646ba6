import { didYouMean } from '../../config/did-you-mean.ts';
import { nameKey } from '../../domain/names.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';

const SCOPE = 'environment/';
const AGENTS_SHOWN = 5;

/** An agent may be in an environment before a file has it, but it gets no job of it, and a slip of the pen looks the same. */
export function tellUnknownEnvironments({
  registry,
  health,
  config,
}: Pick<SchedulerContext, 'registry' | 'health' | 'config'>): void {
  const names = config().environments.map(({ name }) => name);
  const known = new Set(names.map(nameKey));
  const memberships = registry
    .all()
    .filter(({ record, pending }) => !pending && !record.disabled && record.elastic === undefined)
    .flatMap(({ record }) => record.environments.map((name) => ({ name, hostName: record.hostName })))
    .filter(({ name }) => !known.has(nameKey(name)));
  const told = new Set<string>();
  for (const [key, found] of Map.groupBy(memberships, ({ name }) => nameKey(name))) {
    const name = found[0]?.name ?? key;
    const near = didYouMean(name, names);
    const agents = found.slice(0, AGENTS_SHOWN).map(({ hostName }) => hostName);
    const more = found.length > AGENTS_SHOWN ? ` and ${found.length - AGENTS_SHOWN} more` : '';
    health.report({
      scope: SCOPE + key,
      level: 'warning',
      message: `Agents are in environment '${name}', which no pipeline file has`,
      detail: `It brings no jobs to ${agents.join(', ')}${more}.${near === undefined ? '' : ` Did you mean '${near}'?`}`,
    });
    told.add(SCOPE + key);
  }
  for (const { scope } of health.messages())
    if (scope.startsWith(SCOPE) && !told.has(scope)) health.clear(scope);
}
