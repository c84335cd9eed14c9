import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { crdText } from '../../src/cli/commands/crd-text.ts'

it('has the CustomResourceDefinitions as sluice crd prints them: npm run -s crd', () => {
  expect(readFileSync('deploy/crds/sluice.dev.yaml', 'utf8')).toBe(crdText())
})
