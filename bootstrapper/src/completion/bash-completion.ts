import type { CommandShape, OptionShape } from './command-shape.ts';

/** For bash 3.2 and newer, without its completion package. */
export function bashCompletion(shapes: readonly CommandShape[]): string {
  const paths = shapes.filter(({ path }) => path.length > 0).map(({ path }) => `"${at(path)}"`);
  return `# Completion of go-agent for bash. Load it with: source <(go-agent completion bash)
_go_agent() {
  local word where="" i
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$where $word" in
      ${paths.join(' | ')}) where="$where $word" ;;
    esac
  done
  COMPREPLY=()
  case "$where" in
${shapes.map(caseOf).join('\n')}
  esac
}
complete -F _go_agent go-agent`;
}

/** The path as the loop above builds it. */
function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join('');
}

function caseOf({ path, options, subcommands, words }: CommandShape): string {
  const values = options.filter(({ value }) => value.kind !== 'none');
  const flags = options.flatMap(({ flags }) => flags);
  const plain = [...subcommands.map(({ name }) => name), ...words];
  return `    "${at(path)}")
      case "$prev" in
${values.map(valueCase).join('\n')}
      esac
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$cur"))
      else
        COMPREPLY=($(compgen -W "${plain.join(' ')}" -- "$cur"))
      fi
      ;;`;
}

function valueCase({ flags, value }: OptionShape): string {
  const pattern = flags.join(' | ');
  switch (value.kind) {
    case 'file':
    case 'folder':
      return `        ${pattern}) COMPREPLY=($(compgen -${value.kind === 'file' ? 'f' : 'd'} -- "$cur")); return ;;`;
    case 'choice':
      return `        ${pattern}) COMPREPLY=($(compgen -W "${value.choices.join(' ')}" -- "$cur")); return ;;`;
    case 'setting':
      return `        ${pattern}) compopt -o nospace 2>/dev/null; COMPREPLY=($(compgen -W "${value.choices.join(' ')}" -- "$cur")); return ;;`;
    case 'none':
    case 'other':
      return `        ${pattern}) return ;;`;
    default:
      return value satisfies never;
  }
}
