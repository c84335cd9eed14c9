import { Command } from 'commander'
import { adminOption, adminTokenOption } from '../options/admin-option.ts'
import { caOption } from '../options/ca-option.ts'
import { certOption, keyOption } from '../options/certificate-options.ts'
import { readCount } from '../options/read-count.ts'
import type { TopOptions } from './top.ts'

/** `sluice top`: how pipelines do, again and again. */
export const topCommand = (): Command =>
  new Command('top')
    .description('show how pipelines do, the busiest first; on a terminal again every second, until q or Ctrl-C')
    .option('--every <seconds>', 'seconds between two looks', readCount(3_600), 1)
    .option('--namespace <namespace>', 'only those of this namespace')
    .addOption(adminOption())
    .addOption(caOption())
    .addOption(certOption())
    .addOption(keyOption())
    .addOption(adminTokenOption())
    .action(async (options: TopOptions) => {
      const { showTop } = await import('./top.ts')
      await showTop(options)
    })
