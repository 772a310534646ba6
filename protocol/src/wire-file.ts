import { object } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { string } from './decode/scalars.ts';

/** A `java.io.File` on the wire. The path uses the sender's separators (reference 4.2). */
export interface WireFile {
  readonly path: string;
}

export const wireFile: Decoder<WireFile> = object<WireFile>({ path: string });
