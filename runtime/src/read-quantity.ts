const UNITS = {
  time: { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  size: { B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 },
} as const;

/**
 * A setting such as `90s` or `512M`, in milliseconds or bytes; a number without a unit is in those. Undefined if it is
 * neither.
 */
export function readQuantity(kind: keyof typeof UNITS, text: string): number | undefined {
  const units: Readonly<Record<string, number>> = UNITS[kind];
  const [, digits, unit] = /^(\d+)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit ?? '') ? units[unit ?? ''] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
