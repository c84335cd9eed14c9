/**
 * SIGHUP has files read again, and ends nothing: without a listener it would end the process. Tells what is there to be told
 * when it comes.
 */
export function onHangUp(): { tell: () => void } {
  const listener = { tell: (): void => {} }
  process.on('SIGHUP', () => listener.tell())
  return listener
}
