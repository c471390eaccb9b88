import type { Command } from 'commander';

/** What can be completed: a command by its words, with its options. */
interface Entry {
  readonly words: string;
  readonly options: readonly string[];
}

const entriesOf = (command: Command, path: readonly string[] = []): Entry[] => [
  { words: path.join(' '), options: [...command.commands.map((one) => one.name()), ...optionsOf(command)] },
  ...command.commands.flatMap((one) => entriesOf(one, [...path, one.name()])),
];

const optionsOf = (command: Command): string[] => [...command.options.flatMap(({ long }) => long ?? []), '--help'];

/** `waha completion`: a script for the shell. Throws for one that it does not know. */
export const completionScript = (program: Command, shell: string): string => {
  const entries = entriesOf(program);
  if (shell === 'fish') return fish(entries);
  if (shell === 'bash') return bash(entries);
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bash(entries)}`;
  throw new Error(`no completion for ${shell}: bash, zsh and fish have one`);
};

const bash = (entries: readonly Entry[]): string => `_waha() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words="" one
  for one in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $one == -* ]] || words="\${words:+$words }$one"; done
  case "$words" in
${entries.map(({ words, options }) => `    '${words}') COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$word")) ;;`).join('\n')}
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o default -F _waha waha
`;

const fish = (entries: readonly Entry[]): string =>
  entries
    .flatMap(({ words, options }) => {
      const condition =
        words === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${words.split(' ').at(-1)}`;
      return options.map((option) =>
        option.startsWith('--')
          ? `complete -c waha -n '${condition}' -l ${option.slice(2)}`
          : `complete -c waha -n '${condition}' -f -a ${option}`,
      );
    })
    .join('\n');
