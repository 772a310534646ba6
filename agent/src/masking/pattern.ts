/** One way of writing a piece of a secret, as bytes (a latin1 string). */
export interface Spelling {
  readonly bytes: string;
  /** The letters a to f in it are hexadecimal digits: either case is the same spelling. */
  readonly hex: boolean;
}

/**
 * Byte strings that give a secret away: one after the other, any of the spellings of each unit. So any mixture of escapes is
 * one pattern; tools differ in what they escape.
 */
export interface Pattern {
  readonly units: readonly (readonly Spelling[])[];
  /** What may stand between two units without being part of them: line breaks in base64. */
  readonly between: readonly string[];
  /** The pattern has been seen after so many units; the units that follow belong to it if they are there. */
  readonly enough: number;
}

export function spelling(bytes: string): Spelling {
  return { bytes, hex: false };
}

export function hexSpelling(bytes: string): Spelling {
  return { bytes, hex: true };
}
