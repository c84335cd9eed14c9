import { Command } from 'commander'
import type { InitOptions } from './init.ts'

const examples = `
Examples:
  sluice init && sluice run
  sluice init --python comments && cd comments && sluice run`

/** `sluice init`: an example to start from. */
export const initCommand = (): Command =>
  new Command('init')
    .description('write an example to start from: a pipeline of two steps')
    .argument('[folder]', 'where to', '.')
    .option('--python', 'with steps in Python (default: in JavaScript)')
    .addHelpText('after', examples)
    .action(async (folder: string, options: InitOptions) => {
      const { init } = await import('./init.ts')
      await init(folder, options)
    })
