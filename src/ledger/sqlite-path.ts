const scheme = 'sqlite:'

/** The path in `sqlite:PATH`, which may be `:memory:`; `undefined`: `--store` names a Redis. */
export const sqlitePath = (store: string): string | undefined =>
  store.startsWith(scheme) ? store.slice(scheme.length) : undefined
