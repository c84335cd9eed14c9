import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import type { Load, LoadResult } from './load.ts'

/** Runs a load by `wrk`, which takes the least of the machine from what is measured. */
export async function runWrk(load: Load): Promise<LoadResult> {
  await using folder = await createTempFolder()
  const script = await folder.write('load.lua', luaScript(load))
  const size = ['--threads', '1', '--connections', String(load.connections), '--duration', `${load.seconds}s`]
  await using wrk = await startProcess('wrk', [...size, '--timeout', '10s', '--script', script, load.url])
  const line = await wrk.waitForLine(/^result\s+(.*)$/, (load.seconds + 60) * 1000)
  const [requests = 0, durationUs = 0, p50Us = 0, p99Us = 0, errors = 0] = (line[1] ?? '').split(/\s+/).map(Number)
  const requestsPerSecond = requests / (durationUs / 1e6)
  return { requests, requestsPerSecond, p50Ms: p50Us / 1000, p99Ms: p99Us / 1000, errors }
}

/** The requests are built before the load starts; wrk itself counts a status above 399 as an error. */
function luaScript({ paths, body, headers = {} }: Load): string {
  const all = Object.entries({ 'content-type': 'application/json', ...headers })
  const setHeaders = all.map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  return `
wrk.method = 'POST'
${setHeaders.join('\n')}
wrk.body = ${JSON.stringify(body)}
local requests, at = {}, 0
function init()
  for path in (${JSON.stringify(paths.join(' '))}):gmatch('%S+') do requests[#requests + 1] = wrk.format(nil, path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  print('result', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout)
end
`
}
