import { dirname, isAbsolute, join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { isMapping } from '../pipeline/spec/rule.ts'
import { locate } from '../pipeline/validate/locate.ts'
import { readDocument } from '../pipeline/validate/yaml-document.ts'
import { readSettings } from './read-settings.ts'
import type { Settings } from './settings.ts'

/** A `sluice.yaml`, read from disk. */
export interface ConfigFile {
  /** As it should be named in faults; paths in the text are relative to its folder. */
  readonly file: string
  readonly text: string
}

export interface ReadConfigFile {
  readonly settings: Settings
  /** `sluice.yaml:3:1 port: must be …` */
  readonly faults: readonly string[]
}

/** The settings of a configuration file; an empty file has none. */
export function readConfigFile({ file, text }: ConfigFile): ReadConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'silent'
  })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const read = readDocument(document)
  const syntax = read.faults.map(({ offset, message }) => `${at(offset)} ${message}`)
  if (read.kind === 'broken') return { settings: {}, faults: syntax }
  const values = read.value ?? {}
  if (!isMapping(values)) return { settings: {}, faults: [`${at(0)} must be a mapping of settings`] }
  const { settings, faults } = readSettings(values)
  const wrong = faults.map(({ setting, message }) => `${at(locate(document, [setting], 'key'))} ${setting}: ${message}`)
  return { settings: withFilesBeside(file, settings), faults: [...syntax, ...wrong] }
}

/** Settings that name a file. */
const named = [
  'kubeconfig',
  'authTokens',
  'jwtJwks',
  'tlsCert',
  'tlsKey',
  'tlsClientCa',
  'adminTlsCert',
  'adminTlsKey',
  'adminTlsClientCa'
] as const satisfies (keyof Settings)[]

/** Files are named from the folder of the configuration file, wherever the gateway was started. */
function withFilesBeside(file: string, settings: Settings): Settings {
  const beside = (path: string): string =>
    isAbsolute(path) || /^https?:\/\//i.test(path) ? path : join(dirname(file), path)
  const changed = named.flatMap(name => {
    const path = settings[name]
    return path === undefined ? [] : [[name, beside(path)]]
  })
  const files = settings.files === undefined ? {} : { files: settings.files.map(beside) }
  return { ...settings, ...files, ...Object.fromEntries(changed) }
}
