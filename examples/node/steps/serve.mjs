import { createServer } from 'node:http'

/** Serves one model: POST gives its input as JSON to `model`, and answers what that gives; nothing: 204. */
export function serve(model) {
  createServer(async (request, response) => {
    if (request.method === 'GET') return response.end('ok')
    try {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const result = await model(JSON.parse(Buffer.concat(chunks).toString()))
      if (result === undefined) return response.writeHead(204).end()
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
    } catch (error) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error))
    }
  }).listen(process.env.PORT, process.env.HOST)
}
