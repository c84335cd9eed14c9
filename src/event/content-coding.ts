/** Whether a `Content-Encoding` leaves the body as it is: nothing in the list, or nothing but `identity`. */
export const isIdentity = (encoding: string): boolean =>
  encoding.split(',').every(coding => /^[ \t]*(?:identity)?[ \t]*$/i.test(coding))
