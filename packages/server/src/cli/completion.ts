import { Argument, type Command } from 'commander';

export function registerCompletion(program: Command): void {
  const shell = new Argument('<shell>', 'Where it is used; for ~/.bashrc: source <(darkroom completion bash)');
  program
    .command('completion')
    .description('Print the script that completes commands and flags in a shell.')
    .addArgument(shell.choices(['bash']))
    .action(() => console.log(toBashScript(listWords(program, []))));
}

/** What can follow after the words of a command. */
interface Words {
  /** Without the program itself: `webhooks add`. */
  readonly path: string;
  readonly words: readonly string[];
}

function listWords(command: Command, path: readonly string[]): readonly Words[] {
  const names = command.commands.map((one) => one.name());
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const flags = [...command.options.flatMap(({ long }) => long ?? []), '--help'];
  return [
    { path: path.join(' '), words: [...names, ...choices, ...flags] },
    ...command.commands.flatMap((one) => listWords(one, [...path, one.name()])),
  ];
}

/**
 * Looks up what is typed before the cursor as a path of commands, and takes the last word off it until a command is found:
 * the others are its arguments. Every word is a name of ours, of letters, digits and hyphens.
 */
function toBashScript(list: readonly Words[]): string {
  const cases = list.map(({ path, words }) => `      '${path}') words='${words.join(' ')}' ;;`);
  return `_darkroom() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    path="\${path:+$path }$word"
  done
  while :; do
    case "$path" in
${cases.join('\n')}
    esac
    [[ -n $words || -z $path ]] && break
    [[ $path == *" "* ]] && path="\${path% *}" || path=""
  done
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _darkroom darkroom`;
}
