import type { Command, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createAdmin } from '../src/admin/admin.ts'
import { convertRoutes } from '../src/admin/convert-routes.ts'
import { breakerRoutes } from '../src/admin/breaker-routes.ts'
import { deadLetterRoutes } from '../src/admin/dead-letter-routes.ts'
import { openApiRoutes } from '../src/admin/openapi/openapi-routes.ts'
import { adminOperations } from '../src/admin/openapi/operations.ts'
import { replayRoutes } from '../src/admin/replay-routes.ts'
import { resourceChangeRoutes } from '../src/admin/resource-change-routes.ts'
import { resourceRoutes } from '../src/admin/resource-routes.ts'
import { rolloutRoutes } from '../src/admin/rollout-routes.ts'
import { requestRoutes } from '../src/admin/request-routes.ts'
import { createProgram } from '../src/cli/program.ts'
import { environmentName } from '../src/config/environment.ts'
import { flagName } from '../src/config/flag-name.ts'
import { settings } from '../src/config/settings.ts'

/*
 * The names that others rely on, held against the tables of README both ways. The error codes are in readme.test.ts, the metrics in
 * telemetry/gateway-metrics.test.ts.
 */

const readme = readFileSync('README.md', 'utf8')

/** The cells of the table whose head begins so. */
function tableOf(head: string): readonly (readonly string[])[] {
  const [, after = ''] = readme.split(`\n| ${head}`)
  const rows = after.split('\n').slice(2)
  const end = rows.findIndex(row => !row.startsWith('|'))
  return rows.slice(0, end).map(row => row.split('|').map(cell => cell.trim()))
}

const quoted = (pattern: RegExp, cells: readonly string[]): string[] =>
  cells.flatMap(cell => [...cell.matchAll(pattern)].map(([, name = '']) => name)).toSorted()

const flags = /`(--[a-z-]+)/g
const variables = /`(SLUICE_[A-Z_]+)`/g
const program = createProgram()
const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...command.commands.flatMap(each => optionsOf(each))
]
const run = program.commands.find(command => command.name() === 'run')

describe('the settings of run', () => {
  const rows = tableOf('flag ')
  const column = (no: number): readonly string[] => rows.map(cells => cells[no] ?? '')
  // The files are its arguments.
  const names = Object.keys(settings.shape).filter(name => name !== 'files')

  it('are the flags of README', () => {
    expect(quoted(flags, column(1))).toEqual(['--config', ...names.map(flagName)].toSorted())
  })

  it('are the variables of README', () => {
    expect(quoted(variables, column(2))).toEqual(['SLUICE_CONFIG', ...names.map(environmentName)].toSorted())
  })

  it('are the options of the command', () => {
    const options = (run?.options ?? []).map(({ long }) => String(long)).toSorted()
    expect(options).toEqual(['--config', ...names.map(flagName)].toSorted())
  })
})

describe('the commands that ask a gateway', () => {
  it('take the flags and variables of README', () => {
    const inReadme = tableOf('of a command').flatMap(([, flag = '', variable = '']) =>
      quoted(flags, [flag]).map((name, i) => `${name} ${quoted(variables, [variable])[i]}`)
    )
    const ofCommands = optionsOf(program).flatMap(({ long, envVar }) =>
      envVar === undefined ? [] : `${long} ${envVar}`
    )
    expect(inReadme.toSorted()).toEqual([...new Set(ofCommands)].toSorted())
  })

  it('are those of README', () => {
    const named = [...readme.matchAll(/^sluice ([a-z]+)(?: \S+)* {2,}\S/gm)].map(([, name]) => name)
    expect(new Set(named)).toEqual(new Set(program.commands.map(command => command.name())))
  })
})

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody calls the routes here
const nothing = {} as never

describe('the routes of the admin plane', () => {
  it('are those of README and of the OpenAPI document', () => {
    const routes = [
      breakerRoutes,
      deadLetterRoutes,
      replayRoutes,
      requestRoutes,
      resourceRoutes,
      resourceChangeRoutes,
      rolloutRoutes,
      convertRoutes,
      openApiRoutes
    ].flatMap(of => of(nothing))
    const app = createAdmin(nothing, routes)
    const there = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
    const told = tableOf('route').map(([, route = '']) => route.replaceAll('`', '').replaceAll(/\{(\w+)\}/g, ':$1'))
    expect(told.toSorted()).toEqual(there.toSorted())
    expect(Object.keys(adminOperations).toSorted()).toEqual(there.toSorted())
  })
})
