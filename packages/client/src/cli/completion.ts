import type { Settings } from './settings.ts'
import { UsageError } from './terminal.ts'

/** Prints what a shell completes the first two words by. */
export async function completion(
  { words, terminal }: Settings,
  verbs: Readonly<Record<string, readonly string[]>>,
): Promise<number> {
  const script = SCRIPTS[words[1] ?? '']
  if (script === undefined) throw new UsageError('completion takes bash, zsh or fish')
  terminal.print(script(verbs))
  return 0
}

type Script = (verbs: Readonly<Record<string, readonly string[]>>) => string

const cases = (verbs: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(verbs)
    .filter(([, second]) => second.length > 0)
    .map(([first, second]) => `    ${first}) words="${second.join(' ')}" ;;`)
    .join('\n')

const bash: Script = (verbs) => `_countersign() {
  local words="${Object.keys(verbs).join(' ')}"
  if [ "$COMP_CWORD" -ge 2 ]; then
    case "\${COMP_WORDS[1]}" in
${cases(verbs)}
    *) words="" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _countersign countersign`

const SCRIPTS: Readonly<Record<string, Script | undefined>> = {
  bash,
  zsh: (verbs) => `autoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`,
  fish: (verbs) =>
    Object.entries(verbs)
      .flatMap(([first, second]) => [
        `complete -c countersign -f -n __fish_use_subcommand -a ${first}`,
        ...second.map(
          (word) =>
            `complete -c countersign -f -n '__fish_seen_subcommand_from ${first}' -a ${word}`,
        ),
      ])
      .join('\n'),
}
