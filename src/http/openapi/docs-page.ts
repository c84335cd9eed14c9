import type { OpenApiDocument, OperationObject } from './document.ts'

/** A page for a person, from an OpenAPI document: it needs nothing else, and runs nothing. */
export function docsPage({ info, paths }: OpenApiDocument): string {
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(method, path, operation))
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)}</title>
<style>${style}</style></head>
<body>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
<p>${escaped(info.description)} The same for programs: <a href="openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
</body>
</html>
`
}

const style =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}' +
  'code{font-size:14px}section{border-top:1px solid #8886;padding:.5rem 0}h2{font-size:16px;margin:.5rem 0}' +
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.3rem 0}dd{margin:0}'

function section(method: string, path: string, operation: OperationObject): string {
  const { parameters = [], responses } = operation
  const rows = [
    ...parameters.map(({ name, in: where, description = '' }) => row(`${name} (${where})`, description)),
    ...Object.entries(responses).map(([status, { description }]) => row(status, description))
  ]
  return `<section><h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2><p>${escaped(operation.summary)}.</p>
<dl>${rows.join('')}</dl></section>`
}

const row = (name: string, text: string): string => `<dt><code>${escaped(name)}</code></dt><dd>${escaped(text)}</dd>`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
