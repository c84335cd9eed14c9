import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const youngObjects = fileURLToPath(new URL('../../src/cli/young-objects.ts', import.meta.url))

// `cli/young-objects.ts` sets a flag of V8 in a process that runs already.
it('V8 allocates literals that have survived among the old objects, unless it is told while it runs to do otherwise', async () => {
  expect(await isNextYoung('')).toBe('false')
  expect(
    await isNextYoung(`const { allocateYoung } = await import(${JSON.stringify(youngObjects)}); allocateYoung()`)
  ).toBe('true')
})

/** Whether a literal is young after those of its place were found to live long. */
async function isNextYoung(before: string): Promise<string> {
  const program = `
    ${before};
    const create = value => ({ value });
    for (let i = 0; i < 300; i++) %PretenureAllocationSite(create(i));
    let last;
    for (let i = 0; i < 1e6; i++) last = create(i);
    process.stdout.write(String(%InYoungGeneration(last)))`
  // Code that is compiled beside the program would be compiled later on a busy machine.
  const args = ['--allow-natives-syntax', '--no-concurrent-recompilation', '--input-type=module', '--eval', program]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stderr).toBe('')
  return stdout
}
