import { Argument, type Command } from 'commander';
import { type CommandWords, completionScripts, type Shell, shells } from './completion-scripts.ts';

export function registerCompletion(program: Command): void {
  const shell = new Argument('<shell>', 'The shell to print the script for.').choices(shells);
  program
    .command('completion')
    .description('Print the script that completes commands and flags in a shell.')
    .addArgument(shell)
    .addHelpText(
      'after',
      `
For bash, in ~/.bashrc:  source <(darkroom completion bash)
For zsh, in ~/.zshrc:    source <(darkroom completion zsh)
For fish:                darkroom completion fish > ~/.config/fish/completions/darkroom.fish`,
    )
    .action((name: Shell) => console.log(completionScripts[name](listWords(program, []))));
}

function listWords(command: Command, path: readonly string[]): readonly CommandWords[] {
  const words = [
    ...command.commands.map((one) => ({ word: one.name(), meaning: one.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, meaning: description })),
    ),
    ...command.options.flatMap(({ long, description }) => (long ? { word: long, meaning: description } : [])),
    { word: '--help', meaning: 'Show help for the command.' },
  ];
  return [{ path: path.join(' '), words }, ...command.commands.flatMap((one) => listWords(one, [...path, one.name()]))];
}
