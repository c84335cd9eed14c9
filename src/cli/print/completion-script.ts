import type { Command } from 'commander'

/** A command by the words that lead to it, and what may follow them. */
interface Completed {
  readonly words: readonly string[]
  readonly commands: readonly Command[]
  readonly flags: readonly { readonly name: string; readonly description: string }[]
}

/** A script that makes the shell complete commands and options; arguments are completed as files. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const completed = [...walk(program, [])]
  if (shell === 'fish') return fishScript(completed)
  const script = bashScript(completed)
  return shell === 'bash' ? script : `autoload -U +X bashcompinit && bashcompinit\n${script}`
}

function* walk(command: Command, words: readonly string[]): Generator<Completed> {
  const flags = command.options.map(({ long, short, description }) => ({ name: long ?? short ?? '', description }))
  const help = { name: '--help', description: 'display help for command' }
  yield { words, commands: command.commands, flags: [...flags, help] }
  for (const nested of command.commands) yield* walk(nested, [...words, nested.name()])
}

/** The words before the one that is completed are joined as long as they are commands. */
function bashScript(completed: readonly Completed[]): string {
  const paths = completed.map(({ words }) => `'${words.join(' ')}'`).join(' ')
  const cases = completed.map(({ words, commands, flags }) => {
    const next = [...commands.map(command => command.name()), ...flags.map(({ name }) => name)]
    return `    '${words.join(' ')}') next='${next.join(' ')}' ;;`
  })
  return `_sluice() {
  local path='' candidate known word next='' i
  local -a paths=(${paths})
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    candidate="\${path:+$path }$word"
    for known in "\${paths[@]}"; do
      if [[ $known == "$candidate" ]]; then path=$candidate; break; fi
    done
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sluice sluice
`
}

function fishScript(completed: readonly Completed[]): string {
  const lines = completed.flatMap(({ words, commands, flags }) => {
    const seen = words.map(word => `__fish_seen_subcommand_from ${word}`)
    const deeper = commands.map(command => command.name()).join(' ')
    const condition = [...seen, ...(deeper === '' ? [] : [`not __fish_seen_subcommand_from ${deeper}`])].join('; and ')
    const when = condition === '' ? '' : ` -n '${condition}'`
    return [
      ...commands.map(
        command => `complete -c sluice${when} -f -a ${command.name()} -d '${quoted(command.description())}'`
      ),
      ...flags.map(
        ({ name, description }) => `complete -c sluice${when} -l ${name.slice(2)} -d '${quoted(description)}'`
      )
    ]
  })
  return `${lines.join('\n')}\n`
}

const quoted = (text: string): string => text.replaceAll("'", String.raw`\'`).replaceAll('\n', ' ')
