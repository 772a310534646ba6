import { ExitCode } from '@go-agent/protocol/launch-contract';

const MEANINGS = {
  ok: 'done',
  failed: 'failed',
  usage: 'wrong usage',
  notRunning: 'not running',
  locked: 'another go-agent holds the home folder',
} as const satisfies Partial<Record<keyof typeof ExitCode, string>>;

/** The end of a command's help: those codes that it may end with. */
export function exitCodes(...names: readonly (keyof typeof MEANINGS)[]): string {
  const shown = names.map((name) => `${ExitCode[name]} ${MEANINGS[name]}`);
  return `\nExit codes: ${shown.join(', ')}`;
}
