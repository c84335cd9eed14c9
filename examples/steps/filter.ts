import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity'
import { serve } from './serve.ts'

const profanity = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers })

serve(comment => (profanity.hasMatch(comment.text) ? undefined : comment))
