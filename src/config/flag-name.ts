/** `adminPort` as it is named on the command line: `--admin-port`. */
export const flagName = (setting: string): string =>
  `--${setting.replace(/[A-Z]/g, capital => `-${capital.toLowerCase()}`)}`
