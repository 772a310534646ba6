/** The one error of all decoders. Its message names the place, never a value that could be a secret. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'decode';
  /** Such as `$.assignment.builders[2].workingDir.path`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;

  constructor(path: string, expected: string, actual: string) {
    super(`${path}: expected ${expected}, found ${actual}`);
    this.path = path;
    this.expected = expected;
    this.actual = actual;
  }
}
