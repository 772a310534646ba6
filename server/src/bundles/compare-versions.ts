/** Orders versions as semver.org does, and whatever else people call versions part by part. Positive: `a` is the newer one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  // 1.0.0-rc.1 comes before 1.0.0.
  return (
    compareParts(left.core, right.core) ||
    Number(left.pre.length === 0) - Number(right.pre.length === 0) ||
    compareParts(left.pre, right.pre)
  );
}

function split(version: string): { readonly core: string[]; readonly pre: string[] } {
  const [plain = ''] = version.split('+');
  const dash = plain.indexOf('-');
  const parts = (text: string) => text.split(/[.-]/).filter((part) => part !== '');
  if (dash === -1) return { core: parts(plain), pre: [] };
  return { core: parts(plain.slice(0, dash)), pre: parts(plain.slice(dash + 1)) };
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = comparePart(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [wholeNumber(a), wholeNumber(b)];
  if (left !== undefined && right !== undefined) return left - right;
  // A number comes before a word.
  if (left !== undefined || right !== undefined)
    return Number(left === undefined) - Number(right === undefined);
  return a < b ? -1 : Number(a > b);
}

function wholeNumber(part: string): number | undefined {
  return /^\d{1,15}$/.test(part) ? Number(part) : undefined;
}
