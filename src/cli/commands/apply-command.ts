import { Command } from 'commander'
import { adminOption, adminTokenOption } from '../options/admin-option.ts'
import { caOption } from '../options/ca-option.ts'
import { certOption, keyOption } from '../options/certificate-options.ts'
import { outputOption } from '../options/output-option.ts'
import type { ApplyOptions } from './apply.ts'

/** `sluice apply`: gives definitions to a gateway, which keeps them. */
export const applyCommand = (): Command =>
  new Command('apply')
    .description('give definitions to a gateway, which keeps them in its store; those that others need go first')
    .argument('<files...>', 'files and folders of definitions; - is standard input')
    .option('--dry-run', 'only have them judged')
    .addOption(adminOption())
    .addOption(caOption())
    .addOption(certOption())
    .addOption(keyOption())
    .addOption(adminTokenOption())
    .addOption(outputOption())
    .action(async (files: readonly string[], options: ApplyOptions) => {
      const { applyFiles } = await import('./apply.ts')
      await applyFiles(files, options)
    })
