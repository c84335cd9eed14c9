import type { Worker as Child } from 'node:cluster'

/** Why the process is gone, to follow "a worker"; when its last message has been read too. */
export async function exitOf(child: Child): Promise<string> {
  const unborn = new Promise<string>(resolve => {
    child.on('error', error => {
      // Any other error is one of a message, and the process lives.
      if (child.process.pid === undefined) resolve(`could not be started: ${error.message}`)
    })
  })
  const silent = Promise.all(['exit', 'disconnect'].map(event => emitted(child, event)))
  return Promise.race([unborn, silent.then(() => exitText(child.process))])
}

/** `once` of node:events would reject at an error of a message. */
const emitted = (child: Child, event: string): Promise<void> =>
  new Promise(resolve => child.once(event, () => resolve()))

const exitText = ({ exitCode, signalCode }: Child['process']): string =>
  signalCode === null ? `ended with exit code ${exitCode}` : `was ended by ${signalCode}`
