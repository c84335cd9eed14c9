/** The settings of a pipeline that does not say otherwise, in the words in which a person would write it. */
export const defaults = {
  namespace: 'default',
  deadline: 'PT30S',
  delivery: {
    retry: 3,
    backoffPolicy: 'exponential',
    backoffDelay: 'PT0.2S',
    backoffMax: 'PT30S',
    timeout: 'PT30S',
    retryAfterMax: 'PT60S',
    format: 'binary'
  },
  limits: {
    maxConcurrent: 1024,
    maxInFlight: 256,
    maxQueued: 100_000,
    maxBodyBytes: 1_048_576,
    maxDeliveries: 5,
    maxBatch: 1000,
    maxCalls: 1000
  },
  circuitBreaker: {
    enabled: true,
    errorThresholdPercentage: 50,
    rollingCountTimeout: 'PT10S',
    resetTimeout: 'PT10S',
    volumeThreshold: 20
  },
  join: 'merge',
  hedge: { max: 1 },
  weight: 1,
  containerPort: 8080,
  readinessTimeout: 'PT60S',
  rollout: { steps: [5, 25, 50, 100], every: 'PT10M', minCalls: 50, failurePercent: 2 },
  scale: { min: 0, max: 1, target: 8, idle: 'PT60S' },
  stream: 'auto',
  idleTimeout: 'PT60S',
  replyType: 'dev.sluice.reply',
  requests: { stored: false, ttl: 'PT24H', deduplicate: true },
  errors: { upstream: 'body' },
  pauseGracePeriodSeconds: 30
} as const
