#!/usr/bin/env node
// The command of the published package, beside its main.js. It is written so that any Node can read it: one that is too old is told in a sentence.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 12)) void import('./main.js')
else {
  const found = process.versions.node
  process.stderr.write(`sluice needs Node.js 24.12 or later, and this is ${found}: see https://nodejs.org/download\n`)
  process.exitCode = 1
}
