const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1]
] as const

/** How long ago a time was, in its largest unit, as `kubectl` tells ages; `undefined`: that is not a time. */
export function age(time: unknown, now = Date.now()): string | undefined {
  const seconds = Math.max(0, Math.floor((now - Date.parse(String(time))) / 1000))
  if (Number.isNaN(seconds)) return undefined
  const [unit, length] = units.find(([, least]) => seconds >= least) ?? units[3]
  return `${Math.floor(seconds / length)}${unit}`
}
