import { startStep, type StepServer } from './step-server.ts'

/** A step that gives its data back as it came, with its content type. */
export const startEchoStep = (): Promise<StepServer> =>
  startStep(({ body, headers }) => ({ headers: { 'content-type': headers['content-type'] ?? 'x/y' }, body }))
