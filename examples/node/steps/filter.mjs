import { serve } from './serve.mjs'

const unwanted = /\b(viagra|casino|lottery)\b/i

// No answer ends the request here: its outcome is "filtered".
serve(({ text }) => (unwanted.test(text) ? undefined : { text }))
