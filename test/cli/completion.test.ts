import { describe, expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

describe('completion', () => {
  it.each([
    ['deadl', ['deadletters']],
    ['requests wa', ['watch']],
    ['deadletters ', ['list', 'show', 'replay', 'replays', 'stop', 'purge', '--help']],
    ['run --admin-to', ['--admin-token']]
  ])('of bash gives for "sluice %s": %j', async (line, expected) => {
    await using folder = await createTempFolder()
    const script = await folder.write('completion.bash', (await sluice(['completion', 'bash'])).stdout)
    const words = ['sluice', ...line.split(' ')].map(word => `'${word}'`).join(' ')
    const ask = `source '${script}'; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sluice; echo "\${COMPREPLY[@]}"`
    await using bash = await startProcess('bash', ['-c', ask])
    expect((await bash.exit).code).toBe(0)
    expect(bash.output.stdout.trim().split(' ')).toEqual(expected)
  })

  it('of zsh is that of bash, and fish has its own', async () => {
    expect((await sluice(['completion', 'zsh'])).stdout).toMatch(
      /^autoload -U \+X bashcompinit && bashcompinit\n_sluice\(\)/
    )
    const { stdout } = await sluice(['completion', 'fish'])
    expect(stdout).toMatch(
      /^complete -c sluice -n 'not __fish_seen_subcommand_from .*' -f -a send -d 'call a pipeline/m
    )
    expect((await sluice(['completion', 'tcsh'])).code).toBe(2)
  })
})
