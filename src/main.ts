#!/usr/bin/env node
import { loadOwnModules } from './own-modules.ts'

loadOwnModules(import.meta.url)
const { runProgram } = await import('./cli/program.ts')
await runProgram(process.argv.slice(2))
