import { Argument, type Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print the script that completes commands and flags in a shell.')
    .addArgument(
      new Argument('<shell>', 'Where it is used, e.g. in ~/.bashrc: source <(darkroom completion bash)').choices(
        shells,
      ),
    )
    .action((shell: Shell) => console.log(scripts[shell](listWords(program, []))));
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

/** Every word is a name of ours: letters, digits and hyphens. */
const scripts: Readonly<Record<Shell, (list: readonly Words[]) => string>> = {
  bash: (list) => `_darkroom() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    path="\${path:+$path }$word"
  done
  while :; do
    case "$path" in
${toCases(list, 'words')}
    esac
    [[ -n $words || -z $path ]] && break
    [[ $path == *" "* ]] && path="\${path% *}" || path=""
  done
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _darkroom darkroom`,
  zsh: (list) => `#compdef darkroom
autoload -U +X compinit bashcompinit && compinit -u && bashcompinit
_darkroom() {
  local word path_="" found=""
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    [[ $word == -* ]] && break
    path_="\${path_:+$path_ }$word"
  done
  while :; do
    case "$path_" in
${toCases(list, 'found')}
    esac
    [[ -n $found || -z $path_ ]] && break
    [[ $path_ == *" "* ]] && path_="\${path_% *}" || path_=""
  done
  compadd -- \${(s: :)found}
  _files
}
compdef _darkroom darkroom`,
  fish: (list) => list.flatMap(toFishLines).join('\n'),
};

function toCases(list: readonly Words[], variable: string): string {
  return list.map(({ path, words }) => `      '${path}') ${variable}='${words.join(' ')}' ;;`).join('\n');
}

function toFishLines({ path, words }: Words): string[] {
  const parts = path.split(' ').filter((part) => part !== '');
  const isThere = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ');
  const condition = parts.length === 0 ? '__fish_use_subcommand' : isThere;
  return words.map((word) => {
    const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
    return `complete -c darkroom -n '${condition}' ${what}`;
  });
}
