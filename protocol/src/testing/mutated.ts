import fc from 'fast-check';

type Step = string | number;

/** All places below `value`, the root among them. */
function placesOf(value: unknown, at: readonly Step[] = []): readonly (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const keys: readonly Step[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...keys.flatMap((key) => placesOf((value as Record<Step, unknown>)[key], [...at, key]))];
}

function replaced(value: unknown, [step, ...rest]: readonly Step[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  const copy = structuredClone(value) as Record<Step, unknown>;
  const inner = replaced(copy[step], rest, replacement);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy;
}

/** `value` with one part of it, however small, replaced or removed. */
export function mutated(value: unknown, replacement: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...placesOf(value)), replacement)
    .map(([place, part]) => replaced(value, place, part));
}
