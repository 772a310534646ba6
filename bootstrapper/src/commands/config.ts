import { ExitCode } from '@go-agent/protocol/launch-contract';
import { explainSettings, explanationLines } from '../settings/explain-settings.ts';
import { withHomeSources } from '../settings/home-sources.ts';
import { resolveSettings, valueOf } from '../settings/resolve-settings.ts';
import type { SettingSources } from '../settings/setting-sources.ts';
import type { CommandContext } from './context.ts';

/** `go-agent config explain`: every setting, its value and its origin; exit code 1 if one keeps the agent from starting. */
export async function explainConfig(
  context: CommandContext,
  sources: SettingSources,
  { json }: { readonly json: boolean },
): Promise<number> {
  const home = valueOf(resolveSettings(sources), 'home') ?? context.cwd;
  const explanation = explainSettings(resolveSettings(await withHomeSources(sources, home)));
  if (json) context.print(JSON.stringify(explanation, null, 2));
  else for (const line of explanationLines(explanation)) context.print(line);
  return explanation.problems.some(({ level }) => level === 'error') ? ExitCode.failed : ExitCode.ok;
}
