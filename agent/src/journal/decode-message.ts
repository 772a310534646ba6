import type { CancelReason, CourierMessage, HostMessage, SpareMessage } from './format.ts';

const REASONS: readonly unknown[] = [
  'cancelled',
  'ignored',
  'superseded',
  'agent-stopping',
] satisfies CancelReason[];

// A message that is not known is undefined: courier and host may be of different versions, and each ignores what it does not know.

export function decodeHostMessage(value: unknown): HostMessage | undefined {
  const message = fields(value);
  const { type, console, events } = message;
  return type === 'progress' && typeof console === 'number' && typeof events === 'number'
    ? { type, console, events }
    : undefined;
}

export function decodeCourierMessage(value: unknown): CourierMessage | undefined {
  const { type, reason, force, note } = fields(value);
  if (type !== 'cancel' || !REASONS.includes(reason)) return undefined;
  return {
    type,
    reason: reason as CancelReason,
    ...(force === true ? { force } : {}),
    ...(typeof note === 'string' ? { note } : {}),
  };
}

export function decodeSpareMessage(value: unknown): SpareMessage | undefined {
  const { journal } = fields(value);
  return typeof journal === 'string' ? { journal } : undefined;
}

type Fields = Partial<
  Record<'type' | 'console' | 'events' | 'reason' | 'journal' | 'force' | 'note', unknown>
>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? value : {};
}
