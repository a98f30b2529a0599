/** The words that can follow a command. */
export interface CommandWords {
  /** The command without the program name: `webhooks add`. */
  readonly path: string;
  /** Our own names only, made of letters, digits and hyphens. */
  readonly words: readonly { readonly word: string; readonly meaning: string }[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * Each script takes the words before the cursor, up to the first flag, as a path of commands. It removes the last word until
 * the rest is a command; the removed words are arguments. Words that no command knows are completed as files.
 */
export const completionScripts: Readonly<Record<Shell, (list: readonly CommandWords[]) => string>> = {
  bash: (list) => `_darkroom() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    path="\${path:+$path }$word"
  done
  while :; do
    case "$path" in
${toCases(list, ({ path, words }) => `'${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`)}
    esac
    [[ -n $words || -z $path ]] && break
    [[ $path == *" "* ]] && path="\${path% *}" || path=""
  done
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _darkroom darkroom`,

  zsh: (list) => `#compdef darkroom
_darkroom() {
  local word path_typed=""
  local -a list=()
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && break
    path_typed="\${path_typed:+$path_typed }$word"
  done
  while true; do
    case "$path_typed" in
${toCases(list, ({ path, words }) => `'${path}') list=(${words.map(toZshWord).join(' ')}) ;;`)}
    esac
    (( \${#list} )) || [[ -z $path_typed ]] && break
    [[ $path_typed == *" "* ]] && path_typed="\${path_typed% *}" || path_typed=""
  done
  _describe darkroom list
  _files
}
compdef _darkroom darkroom`,

  fish: (list) => `function __darkroom_words
  set -l path_typed
  for word in (commandline -opc)[2..]
    string match -q -- '-*' $word; and break
    set -a path_typed $word
  end
  while true
    switch "$path_typed"
${toCases(list, ({ path, words }) => `case '${path}'\n        printf '%s\\t%s\\n' ${words.map(toFishWord).join(' ')}\n        return`)}
    end
    set -e path_typed[-1]
  end
end
complete -c darkroom -a '(__darkroom_words)'`,
};

function toCases(list: readonly CommandWords[], toCase: (words: CommandWords) => string): string {
  return list.map((words) => `      ${toCase(words)}`).join('\n');
}

type Word = CommandWords['words'][number];

/** zsh takes everything before the first colon as the word. */
function toZshWord({ word, meaning }: Word): string {
  return `'${word}:${meaning.replaceAll("'", "'\\''")}'`;
}

function toFishWord({ word, meaning }: Word): string {
  return `'${word}' '${meaning.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
