type Json = unknown;

/**
 * One object laid over another, as far as Kubernetes' own merge goes without its schema: objects are joined, lists of
 * named things by name, anything else is replaced; null removes.
 */
export function merge(base: Json, over: Json): Json {
  if (over === undefined) return base;
  if (Array.isArray(base) && Array.isArray(over) && isNamed(base) && isNamed(over))
    return mergeNamed(base, over);
  if (!isObject(base) || !isObject(over)) return over;
  const result: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key];
    else result[key] = merge(base[key], value);
  }
  return result;
}

interface Named {
  readonly name: string;
}

function mergeNamed(base: readonly Named[], over: readonly Named[]): readonly Json[] {
  const rest = over.filter(({ name }) => !base.some((each) => each.name === name));
  const joined = base.map((each) =>
    merge(
      each,
      over.find(({ name }) => name === each.name),
    ),
  );
  return [...joined, ...rest];
}

function isNamed(list: readonly Json[]): list is readonly Named[] {
  return list.every((each) => isObject(each) && typeof each['name'] === 'string');
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
