import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

export interface GroupSockets {
  /** Each socket that one of the processes has open. */
  readonly inodes: ReadonlySet<string>
  /** The open files of one of the processes may not be looked at. */
  readonly hidden: boolean
}

/** The sockets of the processes in the group or the session of the leader, and of all that descend from them. */
export async function socketsOfGroup(leader: number, proc: string): Promise<GroupSockets> {
  const pids = members(await readProcesses(proc), leader)
  const found = await Promise.all(pids.map(pid => socketsOf(join(proc, String(pid), 'fd'))))
  return {
    inodes: new Set(found.flatMap(inodes => inodes ?? [])),
    hidden: found.some(inodes => inodes === undefined)
  }
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
}

async function readProcesses(proc: string): Promise<readonly Process[]> {
  const names = (await readdir(proc)).filter(name => /^\d+$/.test(name))
  const read = await Promise.all(names.map(name => readProcess(proc, name)))
  return read.filter(process => process !== undefined)
}

/** `undefined`: it has ended meanwhile. */
async function readProcess(proc: string, name: string): Promise<Process | undefined> {
  const stat = await readFile(join(proc, name, 'stat'), 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The name of the program comes before, in parentheses, and may have any character in it.
  const [, , parent, group, session] = stat.slice(stat.lastIndexOf(')')).split(' ').map(Number)
  return { pid: Number(name), parent: parent ?? 0, group: group ?? 0, session: session ?? 0 }
}

function members(processes: readonly Process[], leader: number): readonly number[] {
  const found = new Set(
    processes.filter(({ group, session }) => group === leader || session === leader).map(({ pid }) => pid)
  )
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** `undefined`: that may not be looked at. */
async function socketsOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    const links = await Promise.all((await readdir(folder)).map(fd => readlink(join(folder, fd)).catch(() => '')))
    return links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
  } catch (thrown) {
    const refused = thrown instanceof Error && 'code' in thrown && (thrown.code === 'EACCES' || thrown.code === 'EPERM')
    return refused ? undefined : []
  }
}
