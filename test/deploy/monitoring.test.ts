import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ControllerMetrics } from '../../src/kubernetes/controller/controller-metrics.ts'

const read = (file: string): string => readFileSync(file, 'utf8')

/** Metrics of gateways by README's table, and of controllers as they tell them. */
const known = new Set([
  ...[...read('README.md').matchAll(/^\| `(sluice_\w+)` /gm)].map(([, name]) => name),
  ...[...[...new ControllerMetrics().chunks()].join('').matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
])

it.each(['alerts.yaml', 'alerts.test.yaml', 'dashboard.json'])('%s names metrics that there are', file => {
  const used = [...read(`deploy/monitoring/${file}`).matchAll(/\bsluice_\w+/g)].map(([name]) =>
    name.replace(/_bucket$/, '')
  )
  expect(used.length).toBeGreaterThan(5)
  expect(used.filter(name => !known.has(name))).toEqual([])
})

it('has the rights of the kustomize base in the chart too', () => {
  const rules = (text: string): string[] => text.split('\n').filter(line => /^ {4}(resources|verbs): \[/.test(line))
  // Beside those that values add, and with those that they need not have.
  const chart = read('deploy/helm/sluice/templates/rbac.yaml')
    .replace(/\{\{- range[^]*?\{\{- end \}\}/, '')
    .replace(/\{\{- else \}\}[^]*?\{\{- end \}\}/, '')
  expect(rules(chart)).toEqual(rules(read('deploy/kustomize/base/rbac.yaml')))
})

it('has the same CustomResourceDefinitions in the chart', () => {
  expect(read('deploy/helm/sluice/crds/sluice.dev.yaml')).toBe(read('deploy/crds/sluice.dev.yaml'))
})
