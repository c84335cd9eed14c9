import type { Audit } from './kills/accounting.ts'

const shownFaults = 20

/** A table in Markdown tells what a part found: its figures, and the promises that were broken. */
export function faultTable(name: string, { figures, broken }: Audit): string {
  const rows = Object.entries(figures).map(([figure, value]) => `| ${figure} | ${Math.round(value * 100) / 100} |`)
  const verdict = broken.length === 0 ? 'Every promise was kept.' : `**Broken ${broken.length} times:**`
  const faults = broken.slice(0, shownFaults).map(fault => `- ${fault}`)
  return [`### ${name}`, '', '| | |', '|---|---|', ...rows, '', verdict, ...faults].join('\n')
}
