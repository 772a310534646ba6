import { ExitCode } from '@go-agent/protocol/launch-contract';
import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash-completion.ts';
import { type CommandShape, commandShapes } from '../completion/command-shape.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import type { CommandContext } from './context.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const SCRIPTS: Readonly<Record<Shell, (shapes: readonly CommandShape[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `go-agent completion`: the script by which a shell completes this program's commands and options. */
export function completion(context: CommandContext, program: Command, shell: Shell): number {
  context.print(SCRIPTS[shell](commandShapes(program)));
  return ExitCode.ok;
}
