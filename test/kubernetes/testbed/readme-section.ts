import { readFileSync } from 'node:fs'

export interface ReadmeBlock {
  readonly language: string
  readonly text: string
}

/** The blocks of README's section with this heading in bold, in their order: it ends at the next heading of any kind. */
export function readReadmeBlocks(heading: string): readonly ReadmeBlock[] {
  const [, after = ''] = readFileSync('README.md', 'utf8').split(`\n**${heading}** `)
  const [section = ''] = after.split(/\n\n(?:\*\*|#+ )/)
  return [...section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text
  }))
}
