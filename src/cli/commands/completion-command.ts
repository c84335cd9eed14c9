import { Argument, Command } from 'commander'

const examples = `
Examples:
  source <(sluice completion bash)                                 in ~/.bashrc
  source <(sluice completion zsh)                                  in ~/.zshrc, after compinit
  sluice completion fish > ~/.config/fish/completions/sluice.fish`

type Shell = 'bash' | 'zsh' | 'fish'

/** `sluice completion`: commands and options, for a shell to complete. */
export const completionCommand = (): Command =>
  new Command('completion')
    .description('print what makes a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action(async (shell: Shell, _options: object, command: Command) => {
      const { completionScript } = await import('../print/completion-script.ts')
      if (command.parent !== null) process.stdout.write(completionScript(command.parent, shell))
    })
