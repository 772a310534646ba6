import { JOURNAL_RESULTS, type JournalEvent, type JournalResult } from './format.ts';

/**
 * One line of events.jsonl, or undefined if it is none (torn by a crash, or damaged). What a later version of the host says, and
 * this one does not know, is `unknown`: it keeps its place, by which the events that the server knows are counted.
 */
export function decodeEvent(line: string): JournalEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (isEvent(value)) return value;
  return isOfLaterVersion(value) ? { type: 'unknown', at: value.at, console: value.console } : undefined;
}

const KNOWN: readonly unknown[] = ['started', 'preparing', 'building', 'completing', 'completed'];

function isOfLaterVersion(value: unknown): value is { readonly at: number; readonly console: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { at, console, type }: Fields = value;
  return (
    typeof at === 'number' && typeof console === 'number' && typeof type === 'string' && !KNOWN.includes(type)
  );
}

type Fields = Partial<Record<'at' | 'console' | 'type' | 'host' | 'container' | 'result', unknown>>;

function isEvent(value: unknown): value is JournalEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { at, console, type, host, container, result }: Fields = value;
  if (typeof at !== 'number' || typeof console !== 'number') return false;
  switch (type) {
    case 'started':
      return isObject(host) && isObject(container);
    case 'preparing':
    case 'building':
      return true;
    case 'completing':
    case 'completed':
      return JOURNAL_RESULTS.includes(result as JournalResult);
    default:
      return false;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
