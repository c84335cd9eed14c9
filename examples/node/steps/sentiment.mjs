import { serve } from './serve.mjs'

const good = /\b(good|great|love|lovely|excellent)\b/gi
const bad = /\b(bad|awful|hate|terrible|broken)\b/gi
const count = (text, words) => (text.match(words) ?? []).length

serve(({ text }) => {
  const score = count(text, good) - count(text, bad)
  return { text, sentiment: score > 0 ? 'positive' : score < 0 ? 'negative' : 'neutral', score }
})
