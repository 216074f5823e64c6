import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'
import type {IpvsChange} from '../../src/core/ipvs/model.ts'
import {printRulesText} from '../../src/core/ipvs/rules-text.ts'
import {runIpvsadm} from '../../src/lvs/ipvsadm/run.ts'
import {MemoryTable} from './memory-table.ts'

interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

async function run(table: MemoryTable, line: string, input = new PassThrough().end()): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const [out, err] = [text(stdout), text(stderr)]
  const argv = line.split(' ').filter(word => word !== '')
  const status = await runIpvsadm(argv, {stdin: input, stdout, stderr, table})
  stdout.end()
  stderr.end()
  return {status, stdout: await out, stderr: await err}
}

const restore = (table: MemoryTable, ...lines: string[]): Promise<Ran> =>
  run(table, '-R', new PassThrough().end(lines.map(line => `${line}\n`).join('')))

const saved = async (table: MemoryTable): Promise<string> => (await run(table, '-S -n')).stdout

/** How many changes went to the table at a time. */
function watched(table: MemoryTable): readonly number[] {
  const sizes: number[] = []
  const change = table.change.bind(table)
  table.change = (changes: readonly IpvsChange[]) => {
    sizes.push(changes.length)
    return change(changes)
  }
  return sizes
}

const RULES = Array.from({length: 300}, (_, i) => {
  const service = `-t 192.0.2.1:${i + 1}`
  return [`-A ${service} -s rr`, `-a ${service} -r 10.0.0.1:${i + 1} -m -w 1`]
}).flat()

describe('ipvsadm -R', () => {
  it('gives changes that stand together to the kernel together', async () => {
    const table = new MemoryTable()
    const sizes = watched(table)
    expect(await restore(table, ...RULES)).toEqual({status: 0, stdout: '', stderr: ''})
    expect(sizes).toEqual([600])
    expect(await saved(table)).toBe(`${RULES.join('\n')}\n`)
  })

  it('keeps the order of changes and everything else', async () => {
    const table = new MemoryTable()
    const {stdout, stderr, status} = await restore(
      table,
      ...['-A -f 1', '-A -f 1', '-S -n', '-C', '-A -f 2', '-A -f 2 -z', '-D -f 9', '-S -n'],
    )
    expect(stdout).toBe('-A -f 1 -s wlc\n-A -f 2 -s wlc\n')
    expect(stderr).toBe('Service already exists\n-z: unknown option\nNo such service\n')
    expect(status).toBe(0)
  })

  it('ends with the status of its last line', async () => {
    expect(await restore(new MemoryTable(), '-A -f 1', '-D -f 9')).toMatchObject({status: 255})
    expect(await restore(new MemoryTable(), '-D -f 9', '-A -f 1')).toMatchObject({status: 0})
    expect(await restore(new MemoryTable(), '-A -f 1 -z')).toMatchObject({status: 255})
  })

  it('does what stands before a line that it cannot read, and nothing behind it', async () => {
    const table = new MemoryTable()
    const {status, stderr} = await restore(table, '-A -f 1', '-A -f 2 -w 1', '-A -f 3')
    expect(stderr).toBe("Illegal 'weight' option with the 'add-service' command\n")
    expect(status).toBe(2)
    expect(await saved(table)).toBe('-A -f 1 -s wlc\n')
  })

  it('does what has arrived while whoever writes takes a rest', async () => {
    const table = new MemoryTable()
    const input = new PassThrough()
    const done = run(table, '-R', input)
    const arrived = new Promise<void>(resolve => {
      const change = table.change.bind(table)
      table.change = async changes => {
        const results = await change(changes)
        resolve()
        return results
      }
    })
    input.write('-A -f 1\n-A -f')
    await arrived
    expect(printRulesText(table.rules)).toBe('-A -f 1 -s wlc\n')
    input.end(' 2\n')
    expect(await done).toMatchObject({status: 0})
    expect(await saved(table)).toBe('-A -f 1 -s wlc\n-A -f 2 -s wlc\n')
  })

  it('refuses a line without an end instead of keeping it', async () => {
    const table = new MemoryTable()
    const input = new PassThrough()
    const done = run(table, '-R', input)
    input.write('-A -f 1\n')
    for (let i = 0; i < 40; i++) input.write(' -n'.repeat(1_000))
    input.end('\n-A -f 2\n')
    expect(await done).toMatchObject({status: 2, stderr: 'line too long\n'})
    expect(await saved(table)).toBe('-A -f 1 -s wlc\n')
  })
})

describe('what the kernel refuses', () => {
  it.each([
    ['-A -f 1', 'Service already exists'],
    ['-E -f 9', 'No such service'],
    ['-A -f 2 -s nosuch', 'Scheduler or persistence engine not found'],
    ['-a -f 9 -r 10.0.0.1', 'Service not defined'],
    ['-a -f 1 -r 10.0.0.1', 'Destination already exists'],
    ['-e -f 1 -r 10.0.0.2', 'No such destination'],
    ['-Z -f 9', 'No such service'],
    ['--start-daemon master --mcast-interface eth9', 'No such device'],
    ['--stop-daemon backup', 'No daemon is running'],
  ])('is said in the words of ipvsadm: %s', async (line, message) => {
    const table = new MemoryTable()
    await restore(table, '-A -f 1', '-a -f 1 -r 10.0.0.1')
    expect(await run(table, line)).toEqual({status: 255, stdout: '', stderr: `${message}\n`})
  })

  it('is another status for a list', async () => {
    expect(await run(new MemoryTable(), '-L -f 9')).toEqual({status: 1, stdout: '', stderr: 'No such service\n'})
  })
})

describe('a table that was given', () => {
  it('stays open', async () => {
    const table = new MemoryTable()
    await run(table, '-L -n')
    expect(table.closed).toBe(false)
  })
})
