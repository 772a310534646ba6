/**
 * What an operator's command came to. `message` is for people; the edge picks the status from `type`.
 * `field`: what of the request does not fit, as the API calls it.
 */
export type CommandOutcome<T = undefined> =
  | { readonly type: 'ok'; readonly value: T; readonly message: string }
  | {
      readonly type: 'not-found' | 'conflict' | 'invalid';
      readonly message: string;
      readonly field?: string;
    };
