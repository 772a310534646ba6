export type SplitArguments =
  | { readonly ok: true; readonly args: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Splits the argument string of an exec task as GoCD does (agent-behaviour 8.6): at spaces only; `'..'` and `".."` group, also in
 * the middle of a word; there is no escape character; an empty quoted argument vanishes.
 */
export function splitArguments(text: string): SplitArguments {
  const args: string[] = [];
  let word = '';
  let quote = '';
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === ' ') {
      if (word !== '') args.push(word);
      word = '';
    } else {
      word += character;
    }
  }
  if (quote !== '') return { ok: false, message: `unbalanced quotes in ${text}` };
  if (word !== '') args.push(word);
  return { ok: true, args };
}
