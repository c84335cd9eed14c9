import vader from 'vader-sentiment'
import { serve } from './serve.ts'

serve(({ text }) => {
  const { compound } = vader.SentimentIntensityAnalyzer.polarity_scores(text)
  return { text, sentiment: sentimentOf(compound), score: compound }
})

/** The thresholds that the authors of VADER recommend. */
function sentimentOf(compound: number): 'positive' | 'neutral' | 'negative' {
  if (compound >= 0.05) return 'positive'
  return compound <= -0.05 ? 'negative' : 'neutral'
}
