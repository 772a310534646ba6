import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The options of an npm script. `--help` or `-h` prints `help` and ends the process with 0; what is not understood ends it with 2. */
export function readOptions<const T extends Options>(help: string, options: T) {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What Node adds is how to give a file such a name, and no script here takes one.
    console.error(`${message.replace(/\. To specify a positional argument.*$/s, '.')}\n\n${help}`);
    process.exit(2);
  }
}
