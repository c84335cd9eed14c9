import { Option } from 'commander'
import { adminLimits } from '../../http/admin-limits.ts'
import { readCount } from './read-count.ts'

const { usual, most } = adminLimits.page

/** `--limit COUNT`, of a list. */
export const limitOption = (): Option =>
  new Option('--limit <count>', `how many at most (default: ${usual}, at most ${most})`).argParser(readCount(most))
