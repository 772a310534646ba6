import type { Offer } from './server/registration-client.ts';

/**
 * Which bundle differs from what was offered when this agent was launched. The comparison is with the offer then, not with what
 * runs: an offer that the launcher refused must not make the agent restart for ever. Undefined: nothing new.
 */
export function newBundle(launchedWith: Offer, offered: Offer | undefined): keyof Offer | undefined {
  if (offered === undefined) return undefined;
  const names = ['agent', 'launcher', 'plugins'] as const;
  return names.find(
    (name) => offered[name] !== undefined && offered[name] !== launchedWith[name]?.toLowerCase(),
  );
}
