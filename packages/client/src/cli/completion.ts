import type { Settings } from './settings.ts'
import { UsageError } from './terminal.ts'

/** What can stand on a command line. */
export interface Vocabulary {
  /** Commands, and the second words that they take. */
  readonly verbs: Readonly<Record<string, readonly string[]>>
  /** As they are written: `--json`. */
  readonly options: readonly string[]
}

/** Prints what a shell completes the first two words, and options, by. */
export async function completion(
  { words, terminal }: Settings,
  vocabulary: Vocabulary,
): Promise<number> {
  const script = SCRIPTS[words[1] ?? '']
  if (script === undefined) throw new UsageError('completion takes bash, zsh or fish')
  terminal.print(script(vocabulary))
  return 0
}

type Script = (vocabulary: Vocabulary) => string

const cases = ({ verbs }: Vocabulary): string =>
  Object.entries(verbs)
    .filter(([, second]) => second.length > 0)
    .map(([first, second]) => `    ${first}) words="${second.join(' ')}" ;;`)
    .join('\n')

const bash: Script = (vocabulary) => `_countersign() {
  local words="${Object.keys(vocabulary.verbs).join(' ')}"
  if [[ "\${COMP_WORDS[COMP_CWORD]}" == -* ]]; then
    words="${vocabulary.options.join(' ')}"
  elif [ "$COMP_CWORD" -eq 2 ]; then
    case "\${COMP_WORDS[1]}" in
${cases(vocabulary)}
    *) words="" ;;
    esac
  elif [ "$COMP_CWORD" -gt 2 ]; then
    words=""
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _countersign countersign`

const SCRIPTS: Readonly<Record<string, Script | undefined>> = {
  bash,
  zsh: (vocabulary) => `autoload -U +X bashcompinit && bashcompinit\n${bash(vocabulary)}`,
  fish: ({ verbs, options }) =>
    Object.entries(verbs)
      .flatMap(([first, second]) => [
        `complete -c countersign -f -n __fish_use_subcommand -a ${first}`,
        ...second.map(
          (word) =>
            `complete -c countersign -f -n '__fish_seen_subcommand_from ${first}' -a ${word}`,
        ),
      ])
      .concat(options.map((option) => `complete -c countersign -l ${option.slice(2)}`))
      .join('\n'),
}
