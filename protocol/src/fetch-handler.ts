import { array, constant, object, optional, tagged, withDefault } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { boolean, string } from './decode/scalars.ts';
import { type WireFile, wireFile } from './wire-file.ts';

/** Bookkeeping of the Java agent that a server sends empty; must be there for a stock agent (reference 4.10). */
export interface ChecksumValidationPublisher {
  readonly md5NotFoundPaths?: readonly string[];
  readonly md5MismatchPaths?: readonly string[];
  readonly md5ChecksumFileWasNotFound?: boolean;
}

export interface FileHandler {
  readonly type: 'FileHandler';
  /** Where the file goes, relative to the agent's home folder. */
  readonly artifact: WireFile;
  /** Path in the source job; also the key in its checksum file. */
  readonly srcFile: string;
  readonly checksumValidationPublisher: ChecksumValidationPublisher;
}

export interface DirHandler {
  readonly type: 'DirHandler';
  readonly srcFile: string;
  readonly destOnAgent: WireFile;
  readonly checksumValidationPublisher: ChecksumValidationPublisher;
}

/** Says whether a fetched artifact is a file or a folder (reference 4.9, 6.5). */
export type FetchHandler = FileHandler | DirHandler;

/** Declared with its concrete class in Java, hence no `type` (reference 4.2). */
export interface ChecksumFileHandler {
  readonly checksumFile: WireFile;
}

const checksumValidationPublisher = withDefault(
  object<ChecksumValidationPublisher>({
    md5NotFoundPaths: optional(array(string)),
    md5MismatchPaths: optional(array(string)),
    md5ChecksumFileWasNotFound: optional(boolean),
  }),
  {},
);

export const fetchHandler: Decoder<FetchHandler> = tagged<FetchHandler>('type', {
  FileHandler: object<FileHandler>({
    type: constant('FileHandler'),
    artifact: wireFile,
    srcFile: string,
    checksumValidationPublisher,
  }),
  DirHandler: object<DirHandler>({
    type: constant('DirHandler'),
    srcFile: string,
    destOnAgent: wireFile,
    checksumValidationPublisher,
  }),
});

export const checksumFileHandler: Decoder<ChecksumFileHandler> = object<ChecksumFileHandler>({
  checksumFile: wireFile,
});
