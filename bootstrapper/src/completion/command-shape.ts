import type { Command, Option } from 'commander';
import { settableNames } from '../settings/explain-settings.ts';

/** What may follow an option, or stand as an argument. */
export type ValueShape =
  | { readonly kind: 'none' | 'file' | 'folder' | 'other' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** `name=` of a setting. */
  | { readonly kind: 'setting'; readonly choices: readonly string[] };

export interface OptionShape {
  /** `-f`, `--follow`. */
  readonly flags: readonly string[];
  readonly about: string;
  readonly value: ValueShape;
}

/** A command as a shell sees it. */
export interface CommandShape {
  /** Without the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly about: string;
  readonly options: readonly OptionShape[];
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  /** What its arguments may be. */
  readonly words: readonly string[];
}

/** The program and all its commands. */
export function commandShapes(command: Command, path: readonly string[] = []): CommandShape[] {
  const commands = command.createHelp().visibleCommands(command);
  const named = commands.filter((one) => one.name() !== 'help');
  return [
    {
      path,
      about: firstSentence(command.description()),
      options: [...command.options.filter(({ hidden }) => !hidden).map(optionShape), HELP],
      subcommands: named.map((one) => ({ name: one.name(), about: firstSentence(one.description()) })),
      words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    },
    ...named.flatMap((one) => commandShapes(one, [...path, one.name()])),
  ];
}

const HELP: OptionShape = { flags: ['-h', '--help'], about: 'show help', value: { kind: 'none' } };

function optionShape(option: Option): OptionShape {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    about: firstSentence(option.description),
    value: valueShape(option),
  };
}

function valueShape({ flags, argChoices, required, optional }: Option): ValueShape {
  if (!required && !optional) return { kind: 'none' };
  if (argChoices !== undefined) return { kind: 'choice', choices: argChoices };
  if (flags.includes('<name=value>'))
    return { kind: 'setting', choices: settableNames().map((name) => `${name}=`) };
  if (flags.includes('<file>')) return { kind: 'file' };
  return { kind: flags.includes('<folder>') ? 'folder' : 'other' };
}

/** On one line, without what a shell might take for its own. */
function firstSentence(text: string): string {
  const [first = ''] = text.split(/[.;:] |\n/);
  return first.replaceAll(/[^\w ,.()/=*-]/g, '').trim();
}
