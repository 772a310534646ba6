/** Where in the input a decoder stands. A linked list, so that a path is only built when it is reported. */
export interface Place {
  readonly parent?: Place;
  readonly key: string | number;
  readonly depth: number;
}

export const ROOT: Place = { key: '$', depth: 0 };

/** Deeper input is refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 200;

export function below(parent: Place, key: string | number): Place {
  return { parent, key, depth: parent.depth + 1 };
}

/** `$.assignment.builders[2].workingDir`; a key that is no plain name stands in brackets and quotes. */
export function pathOf(place: Place): string {
  if (place.parent === undefined) return String(place.key);
  return pathOf(place.parent) + step(place.key);
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
