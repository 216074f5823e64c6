import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {filesOfNodes, readNodeFiles} from '../../../src/cli/apply/node-files.ts'
import {HactlError} from '../../../src/errors.ts'
import {nodeAddresses} from '../../../src/watch/node-address.ts'

const NODES = nodeAddresses(['ssh://root@lb1', 'ssh://root@lb2'])

const assigned = (...given: readonly string[]): readonly string[] =>
  filesOfNodes(NODES, given).map(({address, file}) => `${address.name} ${file}`)

describe('files for nodes', () => {
  it.each([
    ['one for all', ['a.conf'], ['lb1 a.conf', 'lb2 a.conf']],
    ['one for each, in their order', ['a.conf', 'b.conf'], ['lb1 a.conf', 'lb2 b.conf']],
    ['by name', ['lb2=b.conf', 'lb1=a.conf'], ['lb1 a.conf', 'lb2 b.conf']],
    ['by address', ['ssh://root@lb1=a=1.conf', 'lb2=b.conf'], ['lb1 a=1.conf', 'lb2 b.conf']],
    ['with a sign in its name', ['x=1.conf'], ['lb1 x=1.conf', 'lb2 x=1.conf']],
  ])('are %s', (_, given, expected) => {
    expect(assigned(...given)).toEqual(expected)
  })

  it.each([
    ['none', [], 'no file is named'],
    ['too many', ['a', 'b', 'c'], '3 files for 2 nodes (lb1, lb2)'],
    ['too few', ['lb1=a'], 'no file is named for lb2'],
    ['two for one', ['lb1=a', 'lb1=b', 'lb2=c'], 'two files are named for lb1'],
    ['some without a node', ['lb1=a', 'b'], 'b names no node, while other files do'],
  ])('are refused: %s', (_, given, message) => {
    expect(() => assigned(...given)).toThrow(message)
    expect(() => assigned(...given)).toThrow(HactlError)
  })
})

describe('a file that is read for a node', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hactl-node-files-'))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  const read = (text: string) => {
    const file = join(directory, 'a.conf')
    writeFileSync(file, text)
    return readNodeFiles(filesOfNodes(NODES, [file]), async ({name}) => name)
  }

  it('counts its lines for that node alone', async () => {
    const instance = 'vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 5\n'
    const nodes = await read(`${instance} @lb1 priority 150\n @lb2 priority 100\n}\n`)
    expect(nodes.map(({config}) => config.loaded.config.instances[0]?.priority)).toEqual([150, 100])
    expect(nodes.map(({config}) => config.name)).toEqual(['lb1', 'lb2'])
  })

  it.each(['include', 'includer', ' @lb1 include'])('must not have a line of %s', async keyword => {
    await expect(read(`${keyword} conf.d/*.conf\n`)).rejects.toThrow('includes other files')
  })
})
