/** The package has no types of its own; this is the part that the step uses. */
declare module 'vader-sentiment' {
  const vader: {
    readonly SentimentIntensityAnalyzer: {
      /** `compound` is the verdict, from -1 (most negative) to 1 (most positive). */
      polarity_scores(text: string): { readonly compound: number }
    }
  }
  export = vader
}
