import type { CommandShape, OptionShape } from './command-shape.ts';

/** For zsh, to be loaded once `compinit` has run, or from a folder of `$fpath` as `_go-agent`. */
export function zshCompletion(shapes: readonly CommandShape[]): string {
  const paths = shapes.filter(({ path }) => path.length > 0).map(({ path }) => `"${at(path)}"`);
  return `#compdef go-agent
# Completion of go-agent for zsh. Load it with: source <(go-agent completion zsh)
_go_agent() {
  local word where="" i prev=$words[CURRENT-1]
  local -a candidates
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$where $word" in
      ${paths.join('|')}) where="$where $word" ;;
    esac
  done
  case "$where" in
${shapes.map(caseOf).join('\n')}
  esac
}
if [[ $funcstack[1] == _go-agent ]]; then _go_agent "$@"; else compdef _go_agent go-agent; fi`;
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join('');
}

function caseOf({ path, options, subcommands, words }: CommandShape): string {
  const values = options.filter(({ value }) => value.kind !== 'none');
  const flags = options.flatMap(({ flags, about }) => flags.map((flag) => `'${flag}:${about}'`));
  const plain = [
    ...subcommands.map(({ name, about }) => `'${name}:${about}'`),
    ...words.map((word) => `'${word}'`),
  ];
  return `    "${at(path)}")
      case "$prev" in
${values.map(valueCase).join('\n')}
      esac
      if [[ $PREFIX == -* ]]; then
        candidates=(${flags.join(' ')})
        _describe option candidates
      else
        candidates=(${plain.join(' ')})
        _describe command candidates
      fi
      ;;`;
}

function valueCase({ flags, value }: OptionShape): string {
  const pattern = flags.join('|');
  switch (value.kind) {
    case 'file':
      return `        ${pattern}) _files; return ;;`;
    case 'folder':
      return `        ${pattern}) _files -/; return ;;`;
    case 'choice':
      return `        ${pattern}) compadd -- ${value.choices.join(' ')}; return ;;`;
    case 'setting':
      return `        ${pattern}) compadd -S '' -- ${value.choices.join(' ')}; return ;;`;
    case 'none':
    case 'other':
      return `        ${pattern}) return ;;`;
    default:
      return value satisfies never;
  }
}
