import type { LogLevel } from '@go-agent/runtime';

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** What is no level means the default: a log that says too much beats an agent that does not start. */
export function parseLogLevel(text: string | undefined): LogLevel {
  return LEVELS.find((level) => level === text?.toLowerCase()) ?? 'info';
}
