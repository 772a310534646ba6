import { posix } from 'node:path';
import { andThen, report, type Schema } from './parse-into.ts';
import { nonBlank } from './scalars.ts';

/** A path below the pipeline's working folder; one that leaves it is an error. */
export const relativePath: Schema<string> = andThen(nonBlank, (path, context) => {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  if (posix.isAbsolute(normal) || /^[a-zA-Z]:/.test(path) || normal === '..' || normal.startsWith('../')) {
    report(
      context,
      [],
      `"${path}" is not valid. It must be a path inside the working folder of the pipeline.`,
    );
  }
  return path;
});
