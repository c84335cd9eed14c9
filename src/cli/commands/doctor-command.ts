import { Command } from 'commander'
import type { DoctorOptions } from './doctor.ts'
import { outputOption } from '../options/output-option.ts'

const examples = `
Examples:
  sluice doctor
  sluice doctor --store redis://localhost:6379 --durability strict     exit code 1 if it can lose requests`

/** `sluice doctor`: what this machine and store really guarantee. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('say what this machine and the store really guarantee')
    .option('--config <file>', 'configuration file (default: sluice.yaml, if there is one)')
    .option('--store <store>', 'sqlite:PATH, sqlite::memory: or a Redis URL (default: sqlite:./sluice.db)')
    .option('--durability <level>', 'default, or strict: fail for a store that can lose accepted requests')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./doctor.ts')
      await doctor(options)
    })
