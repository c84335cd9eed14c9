/** Shortages of this machine: file descriptors, local ports, memory for sockets. No step is to blame for it. */
const shortages: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EAGAIN', 'ENOBUFS', 'ENOMEM'])

export const isOwnShortage = (code: string): boolean => shortages.has(code)
