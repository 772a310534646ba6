import { systemClock } from '@go-agent/runtime/core';
import type { CommandContext } from '../commands/context.ts';

export interface FakeContext extends CommandContext {
  /** Lines. */
  readonly printed: string[];
  readonly errors: string[];
}

/** What a command gets in a test that runs it in its own process. No file with settings is looked for. */
export function fakeContext(change: Partial<CommandContext> = {}): FakeContext {
  const printed: string[] = [];
  const errors: string[] = [];
  return {
    clock: systemClock,
    self: ['/no/such/go-agent'],
    runner: ['/no/such/go-agent', '__run'],
    bundles: () => Promise.resolve('/no/such/bundles'),
    version: '9.9.9',
    environment: { GO_AGENT_ENV_FILE: '' },
    cwd: '/',
    print: (text) => void printed.push(...text.split('\n')),
    printError: (text) => void errors.push(...text.split('\n')),
    interactive: false,
    takeSignals: () => undefined,
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    announce: () => undefined,
    printed,
    errors,
    ...change,
  };
}
