#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Before the rest of the program is loaded, so that its compiled code is kept too.
enableCompileCache()
const { runProgram } = await import('./cli/program.ts')
await runProgram(process.argv.slice(2))
