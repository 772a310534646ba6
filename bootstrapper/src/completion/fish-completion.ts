import type { CommandShape, OptionShape } from './command-shape.ts';

/** For fish; as `~/.config/fish/completions/go-agent.fish` it is loaded by itself. */
export function fishCompletion(shapes: readonly CommandShape[]): string {
  const paths = shapes.filter(({ path }) => path.length > 0).map(({ path }) => `'${at(path)}'`);
  return `# Completion of go-agent for fish. Load it with: go-agent completion fish | source
function __go_agent_at
  set -l where ''
  for word in (commandline -opc)[2..-1]
    if contains -- "$where $word" ${paths.join(' ')}
      set where "$where $word"
    end
  end
  test "$where" = "$argv[1]"
end
complete -c go-agent -f
${shapes.flatMap(linesOf).join('\n')}`;
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join('');
}

function linesOf({ path, options, subcommands, words }: CommandShape): string[] {
  const here = `complete -c go-agent -n "__go_agent_at '${at(path)}'"`;
  return [
    ...subcommands.map(({ name, about }) => `${here} -a ${name} -d '${about}'`),
    ...(words.length === 0 ? [] : [`${here} -a '${words.join(' ')}'`]),
    ...options.map((option) => `${here} ${optionWords(option)} -d '${option.about}'`),
  ];
}

function optionWords({ flags, value }: OptionShape): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  switch (value.kind) {
    case 'none':
      return names.join(' ');
    case 'other':
      return `${names.join(' ')} -x`;
    case 'file':
      return `${names.join(' ')} -r -F`;
    case 'folder':
      return `${names.join(' ')} -x -a '(__fish_complete_directories)'`;
    case 'choice':
    case 'setting':
      return `${names.join(' ')} -x -a '${value.choices.join(' ')}'`;
    default:
      return value satisfies never;
  }
}
