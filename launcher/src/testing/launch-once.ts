import { LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import { createLogger, systemClock } from '@go-agent/runtime';
import { launch } from '../launch.ts';
import type { UpgradeCheck } from './upgrade-check.ts';

/** One whole launch, with an agent that is a process of its own. Resolves to the launch's outcome. */
export async function launchOnce(
  check: UpgradeCheck & { readonly runtime: readonly string[] },
): Promise<number> {
  const request = { contract: LAUNCH_CONTRACT, settings: {}, bootstrapperVersion: '1', ...check };
  const control = { stop: new AbortController().signal, report: () => undefined };
  const log = createLogger({ file: `${check.home}/check.log`, name: 'check', level: 'silent' });
  return await launch(request, control, { clock: systemClock, log });
}
