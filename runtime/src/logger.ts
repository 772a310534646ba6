import { type DestinationStream, type Logger as PinoLogger, pino, stdSerializers } from 'pino';
import { describeError } from './app-error.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type Logger = PinoLogger;

export interface CreateLoggerOptions {
  /** Path of the log file, or a rotating file with its own limits. */
  readonly file: string | RotatingFile;
  /** Which component writes: the field `name` of each line. */
  readonly name: string;
  /** Default info. */
  readonly level?: LogLevel;
  /** Write every line to the standard output as well. Default false. */
  readonly alsoStdout?: boolean;
}

/**
 * A logger of JSON lines, written synchronously to a rotating file. An error under `err` is written with its code,
 * its causes and its stack. Whatever may be secret goes into a {@link Secret}, which prints as `***`.
 */
export function createLogger({
  file,
  name,
  level = 'info',
  alsoStdout = false,
}: CreateLoggerOptions): Logger {
  const target = typeof file === 'string' ? new RotatingFile({ path: file }) : file;
  const destination: DestinationStream = {
    write(line) {
      target.write(line);
      if (alsoStdout) process.stdout.write(line);
    },
  };
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => serializeError(error) },
    },
    destination,
  );
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  const code = 'code' in error ? { code: error.code } : {};
  return { type, message: describeError(error) || message, ...code, stack };
}
