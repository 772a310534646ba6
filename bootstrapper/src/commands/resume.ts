import type { CommandContext } from './context.ts';
import { order, type Place, tellOrder } from './order.ts';

/** `go-agent resume`: a drained agent takes work again. */
export async function resume(
  context: CommandContext,
  options: Place & { readonly json: boolean },
): Promise<number> {
  const given = await order(context, options, '/resume');
  if (given.kind === 'failed') return given.code;
  return tellOrder(context, options.json, given.report, ['The agent takes work again.']);
}
