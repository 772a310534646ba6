import { RotatingFile } from '@go-agent/runtime/core';

export type JsonLog = (
  level: 'info' | 'warn' | 'error',
  msg: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** JSON lines as the launcher's and the agent's logger writes them, without carrying that logger. */
export function openJsonLog(path: string, name: string): JsonLog {
  const file = new RotatingFile({ path });
  return (level, msg, fields = {}) => {
    file.write(
      `${JSON.stringify({ level, time: new Date().toISOString(), pid: process.pid, name, ...fields, msg })}\n`,
    );
  };
}
