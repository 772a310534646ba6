// What a task plugin says: JSON-RPC 2.0, one message a line (docs/task-plugins.md).

export type PluginMessage =
  | { readonly kind: 'console'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'result'; readonly success: boolean; readonly message: string }
  | { readonly kind: 'error'; readonly message: string }
  /** A call of a method that this agent does not have; it wants an answer. */
  | { readonly kind: 'request'; readonly id: string | number }
  /** Something that may be of use to a later agent. */
  | { readonly kind: 'ignored' };

export const EXECUTE_ID = 1;

/** Undefined if the line is no message, or not one that makes sense here. */
export function decodePluginMessage(line: string): PluginMessage | undefined {
  const message = fields(parse(line));
  if (message?.['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params, result, error } = message;
  if (method === 'console') return decodeConsole(params);
  if (typeof method === 'string') {
    return typeof id === 'string' || typeof id === 'number' ? { kind: 'request', id } : { kind: 'ignored' };
  }
  if (id !== EXECUTE_ID) return undefined;
  const failure = fields(error);
  if (failure) return { kind: 'error', message: textOr(failure['message'], 'no reason given') };
  const success = fields(result)?.['success'];
  if (typeof success !== 'boolean') return undefined;
  return { kind: 'result', success, message: textOr(fields(result)?.['message'], '') };
}

function decodeConsole(params: unknown): PluginMessage | undefined {
  const { stream = 'stdout', text } = fields(params) ?? {};
  if ((stream !== 'stdout' && stream !== 'stderr') || typeof text !== 'string') return undefined;
  return { kind: 'console', stream, text };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Partial<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
