import {HactlError} from '../../errors.ts'
import type {NodeAddress} from '../../watch/model.ts'
import {type NamedConfig, readConfig, standardInput} from '../config-source.ts'

/** A node and the file that it is to get; "-" is standard input. */
export interface NodeFile {
  readonly address: NodeAddress
  readonly file: string
}

/** The same with the text, and what this host makes of it. */
export interface NodeText extends NodeFile {
  readonly text: string
  readonly config: NamedConfig
}

/**
 * Which node gets which file: `NODE=FILE` for every node by its name or its address, or one file for each in the order
 * of the nodes, or one for all. Throws `HactlError` USAGE.
 */
export function filesOfNodes(nodes: readonly NodeAddress[], given: readonly string[]): readonly NodeFile[] {
  const names = nodes.map(({name}) => name).join(', ')
  if (given.length === 0) throw new HactlError('USAGE', 'no file is named', 'name one for all nodes, or one for each')
  const named = given.map(text => ({text, node: nodeIn(text, nodes)}))
  if (named.every(({node}) => node === undefined)) {
    const [first = ''] = given
    if (given.length === 1) return nodes.map(address => ({address, file: first}))
    if (given.length === nodes.length) return nodes.map((address, i) => ({address, file: given[i] ?? ''}))
    const message = `${given.length} files for ${nodes.length} nodes (${names})`
    throw new HactlError('USAGE', message, 'name one for all, one for each in their order, or NODE=FILE for each')
  }
  const bare = named.find(({node}) => node === undefined)
  if (bare !== undefined) {
    const message = `${bare.text} names no node, while other files do`
    throw new HactlError('USAGE', message, `NODE=FILE for each of ${names}`)
  }
  return nodes.map(address => {
    const [own, more] = named.filter(({node}) => node === address)
    if (own === undefined) throw new HactlError('USAGE', `no file is named for ${address.name}`, `${address.name}=FILE`)
    if (more !== undefined) throw new HactlError('USAGE', `two files are named for ${address.name}`, 'name one')
    return {address, file: own.text.slice(own.text.indexOf('=') + 1)}
  })
}

/** The node that `NODE=FILE` is for; an address of a node has no "=". */
function nodeIn(text: string, nodes: readonly NodeAddress[]): NodeAddress | undefined {
  const at = text.indexOf('=')
  const word = at < 0 ? '' : text.slice(0, at)
  return word === '' ? undefined : nodes.find(({name, given}) => word === name || word === given)
}

/**
 * Reads the file of each node, as that node would: `@id` lines count for the node `configId` tells. Throws `HactlError`
 * where one cannot be read, and USAGE for one that includes others: an agent gets and takes back one text.
 */
export async function readNodeFiles(
  files: readonly NodeFile[],
  configId: (address: NodeAddress) => Promise<string | undefined>,
): Promise<readonly NodeText[]> {
  const {readMain, loadText} = await import('../../config/load.ts')
  const texts = new Map<string, string>()
  const read: NodeText[] = []
  for (const {address, file} of files) {
    if (file.startsWith('ssh://')) throw new HactlError('USAGE', `${file} is not on this host`, 'copy it here first')
    const text = texts.get(file) ?? (file === '-' ? await standardInput() : readMain(file).text)
    texts.set(file, text)
    const id = NODE_LINE.test(text) ? await configId(address) : undefined
    const name = file === '-' ? 'stdin' : file
    const loaded = loadText(name, text, id === undefined ? {} : {configId: id})
    const included = loaded.files.length > 1 || INCLUDE_LINE.test(text)
    if (included) {
      const message = `${file} includes other files, and an agent can take back only what it is sent`
      throw new HactlError('USAGE', message, 'put everything into one file')
    }
    read.push({address, file, text, config: {name: address.name, loaded, elsewhere: true}})
  }
  return read
}

/** A line that counts on some nodes alone: `@lb1 priority 150`. keepalived.conf(5), "Conditional configuration". */
const NODE_LINE = /^[ \t]*@\^?[\w.-]/m

/** keepalived.conf(5), "Include files". */
const INCLUDE_LINE = /^[ \t]*(@\S+[ \t]+)?include[rmwba]?[ \t]+\S/m

/** What `@id` lines of a node compare with: the `config_id` of its agent. Undefined where it cannot be asked. */
export async function configIdOf({given}: NodeAddress): Promise<string | undefined> {
  if (!given.startsWith('ssh://')) return undefined
  const {bundleThere} = await import('../config-source.ts')
  return (await bundleThere(given)).configId
}

/** Reads what a node runs now, for comparing: the files of a host that ssh reaches. */
export const readThere = (given: string): Promise<NamedConfig> => readConfig(given)
