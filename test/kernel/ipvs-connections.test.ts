import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {readConnections} from '../../src/kernel/ipvs-connections.ts'

const directory = mkdtempSync(join(tmpdir(), 'hactl-connections-'))
afterAll(() => rmSync(directory, {recursive: true}))

const HEADING = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData'
const line = (port: number): string =>
  `TCP 0A000002 ${port.toString(16).toUpperCase().padStart(4, '0')} C0000201 0050 0A010002 0050 ESTABLISHED     893`

async function read(text: string): Promise<{readonly ports: readonly number[]; readonly skipped: number}> {
  const path = join(directory, 'ip_vs_conn')
  writeFileSync(path, text)
  const ports: number[] = []
  let skipped = 0
  for await (const {clientPort} of readConnections(path, () => skipped++)) ports.push(clientPort)
  return {ports, skipped}
}

test('a list longer than one piece is read whole, and in its order', async () => {
  const ports = Array.from({length: 5_000}, (_, port) => port)
  expect(await read([HEADING, ...ports.map(line), ''].join('\n'))).toEqual({ports, skipped: 0})
})

test('lines that are cut, garbled or endless are skipped and told of', async () => {
  const text = [HEADING, line(1), line(2).slice(0, 30), `\u0000${line(3)}`, 'x'.repeat(300_000), line(4)].join('\n')
  expect(await read(text)).toEqual({ports: [1, 4], skipped: 3})
})

test('a list that is empty has no connections', async () => {
  expect(await read('')).toEqual({ports: [], skipped: 0})
  expect(await read(`${HEADING}\n`)).toEqual({ports: [], skipped: 0})
})

test('a list that is not there is told of', async () => {
  const connections = readConnections(join(directory, 'missing'), () => {})
  await expect(connections.next()).rejects.toMatchObject({code: 'FAILED', message: /connections of IPVS/})
})
