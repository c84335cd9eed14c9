/** Small documents by kind and name: definitions, jobs, the last known good set. */
export interface Documents {
  put(kind: string, name: string, text: string): Promise<void>
  /** Keeps the text under the name, unless there is one; answers the text that is there then. */
  add(kind: string, name: string, text: string): Promise<string>
  get(kind: string, name: string): Promise<string | undefined>
  list(kind: string): Promise<readonly { readonly name: string; readonly text: string }[]>
  remove(kind: string, name: string): Promise<boolean>
}
