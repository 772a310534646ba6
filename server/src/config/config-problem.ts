/** What is wrong in a pipeline file, and where. Lines and columns are counted from 1. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Keys from the root of the file, joined by dots; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

/** `file:line:column: path: message`, as editors understand it. */
export function describeProblem({ file, line, column, path, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
