import type { Provider } from './provider.ts';
import { configurationFields, type Fields } from './schema.ts';
import { type PluginStreams, servePlugin } from './serve-plugin.ts';

/**
 * All that a plugin's `main.ts` has to do. With `--help` or `--fields`, tells what it is instead. Resolves to the exit
 * code.
 */
export async function runPlugin<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
  args: readonly string[],
  streams: PluginStreams,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    streams.output.write(help(provider));
    return 0;
  }
  if (args.includes('--fields')) {
    const { clusterSchema, profileSchema } = provider;
    const fields = {
      cluster: configurationFields(clusterSchema),
      profile: configurationFields(profileSchema),
    };
    streams.output.write(`${JSON.stringify(fields, null, 2)}\n`);
    return 0;
  }
  if (args.length > 0) {
    streams.errors.write(`${provider.id}: unknown option ${args[0]}; see --help\n`);
    return 2;
  }
  await servePlugin(provider, streams);
  return 0;
}

type Described = Pick<
  Provider<Fields, Fields, never>,
  'id' | 'name' | 'version' | 'description' | 'clusterSchema' | 'profileSchema'
>;

function help({ id, name, version, description, clusterSchema, profileSchema }: Described): string {
  const list = (fields: Fields) =>
    configurationFields(fields).map(
      ({ key, title, description: about, required, secret, default: fallback, choices }) => {
        const marks = [
          required ? 'must be given' : '',
          secret ? 'secret' : '',
          fallback === undefined ? '' : `default ${fallback}`,
          choices === undefined ? '' : choices.join(' | '),
        ].filter((mark) => mark !== '');
        const more = marks.length === 0 ? '' : ` (${marks.join('; ')})`;
        return `  ${key.padEnd(24)} ${title}${more}${about === undefined ? '' : `. ${about}`}`;
      },
    );
  return [
    `${id} ${version}: ${name}`,
    description,
    '',
    'An elastic plugin of go-server, which starts it and talks to it over its standard input and output.',
    'Put its folder (with plugin.json) below the folder that go-server start --plugins names.',
    '',
    'Options: --help, or --fields to print the fields of clusters and profiles as JSON.',
    '',
    'Fields of a cluster profile:',
    ...list(clusterSchema),
    '',
    'Fields of an elastic agent profile:',
    ...list(profileSchema),
    '',
  ].join('\n');
}
