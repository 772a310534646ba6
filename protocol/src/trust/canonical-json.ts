/**
 * The bytes that signatures of The Update Framework are made over: keys sorted, no spaces, whole numbers only, nothing
 * but `"` and `\` escaped (http://wiki.laptop.org/go/Canonical_JSON).
 * @throws TypeError for what JSON has no word for, and for fractions
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (Number.isInteger(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`A ${typeof value} has no canonical JSON form`);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${quoted(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
