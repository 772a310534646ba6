import { describeError } from '@go-agent/runtime/core';

/** One line on the standard error, which the server keeps under the plugin's id. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, error?: unknown) => void;

/**
 * @param secrets texts that must not appear; asked for at each line, since clusters come and go
 */
export function lineLog(write: (line: string) => void, secrets: () => Iterable<string>): Log {
  return (level, message, error) => {
    const whole = error === undefined ? message : `${message}: ${describeError(error)}`;
    write(`${level} ${masked(whole, secrets()).replaceAll(/[\r\n]+/g, ' ')}\n`);
  };
}

/** A secret of less than four characters is a word like any other. */
export function masked(text: string, secrets: Iterable<string>): string {
  let result = text;
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  for (const secret of longestFirst) if (secret.length >= 4) result = result.replaceAll(secret, '***');
  return result;
}
