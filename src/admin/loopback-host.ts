/** Whether a `Host` value names this machine's loopback, whatever the port. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = URL.parse(`http://${host ?? ''}`)?.hostname
  return name === 'localhost' || name === '[::1]' || (name?.startsWith('127.') ?? false)
}
