import type {IpAddress} from '../../core/ip.ts'
import type {IpvsConnection, ServiceEntry, ServiceId} from '../../core/ipvs/model.ts'
import type {IpvsResult, IpvsTable} from '../../core/ipvs/table.ts'
import {type NameReverse, NUMERIC} from '../../core/ipvsadm/addresses.ts'
import type {IpvsadmCommand, ListView} from '../../core/ipvsadm/command.ts'
import {kernelErrorText, type RefusedCommand} from '../../core/ipvsadm/kernel-errors.ts'
import {
  connectionHeading,
  connectionLine,
  daemonLine,
  infoLine,
  listedService,
  listHeading,
  timeoutsLine,
} from '../../core/ipvsadm/list.ts'
import {printSavedRules} from '../../core/ipvsadm/save.ts'
import {sortedEntries} from '../../core/ipvsadm/sort.ts'
import {USAGE, versionLine} from '../../core/ipvsadm/usage.ts'
import {errorText} from '../../errors.ts'
import type {NameService} from './name-service.ts'
import type {Output} from './output.ts'

/** What commands work with. */
export interface CommandSurroundings {
  readonly table: IpvsTable
  readonly names: NameService
  readonly output: Output
}

/** How a command ended. */
export interface CommandEnd {
  /** Of the process, if it ends with this command. */
  readonly status: number
  /** Lines of standard input after it are not read. */
  readonly fatal?: boolean
}

/** Carries out one command, except for restoring. Never rejects because of what the kernel says. */
export async function runCommand(
  command: Exclude<IpvsadmCommand, {type: 'restore'}>,
  surroundings: CommandSurroundings,
): Promise<CommandEnd> {
  const {table, output} = surroundings
  try {
    switch (command.type) {
      case 'help':
      case 'version':
        await output.print(versionLine((await table.info()).version))
        if (command.type === 'help') await output.print(USAGE)
        return {status: 0, fatal: true}
      case 'change': {
        const [result] = await table.change([command.change])
        return await said(output, {command: command.change.type, result})
      }
      case 'flush':
        return await said(output, {command: 'flush', result: await table.flush()})
      case 'zero':
        return await said(output, {command: 'zero', result: await table.zero(command.id)})
      case 'set-timeouts':
        return await said(output, {command: command.type, result: await table.setTimeouts(command.timeouts)})
      case 'start-daemon':
        return await said(output, {command: command.type, result: await table.startDaemon(command.daemon)})
      case 'stop-daemon':
        return await said(output, {command: command.type, result: await table.stopDaemon(command.role)})
      case 'save':
        await save(surroundings, command.numeric)
        return DONE
      case 'list':
        return await list(surroundings, command)
      case 'list-connections':
        await listConnections(surroundings, command)
        return DONE
      case 'list-timeouts':
        await output.print(timeoutsLine(await table.timeouts()))
        return DONE
      case 'list-daemons':
        for (const daemon of byRole(await table.daemons())) await output.print(daemonLine(daemon))
        return DONE
    }
  } catch (error) {
    await output.complain(`${errorText(error)}\n`)
    return {status: 1, fatal: true}
  }
}

/** Says why the kernel refused something, if it did. */
export async function said(
  output: Output,
  {command, result}: {readonly command: RefusedCommand; readonly result: IpvsResult | undefined},
): Promise<CommandEnd> {
  if (result === undefined || result.ok) return DONE
  await output.complain(`${kernelErrorText(command, result.reason)}\n`)
  return {status: 255}
}

const DONE: CommandEnd = {status: 0}
/** How many services or connections are put together before they are printed. */
const PIECE = 1_000

async function save({table, names, output}: CommandSurroundings, numeric: boolean): Promise<void> {
  const entries = sortedEntries(await table.services())
  const reverse = await namesFor(entries, {names, numeric})
  for (const piece of pieces(entries)) await output.print(printSavedRules(piece, {names: reverse, readable: false}))
}

async function list(
  {table, names, output}: CommandSurroundings,
  {id, view}: {readonly id: ServiceId | undefined; readonly view: ListView},
): Promise<CommandEnd> {
  const found = id === undefined ? await table.services() : [await table.service(id)]
  const present = found.filter(entry => entry !== undefined)
  if (id !== undefined && present.length === 0) {
    await output.complain('No such service\n')
    return {status: 1, fatal: true}
  }
  const entries = view.sorted ? sortedEntries(present) : present
  const reverse = await namesFor(entries, {names, numeric: view.numeric})
  const info = id === undefined ? infoLine(await table.info()) : ''
  await output.print(`${info}${listHeading(view)}`)
  for (const piece of pieces(entries)) {
    await output.print(piece.map(entry => listedService(entry, view, reverse)).join(''))
  }
  return DONE
}

async function listConnections(
  {table, names, output}: CommandSurroundings,
  {numeric, engines}: {readonly numeric: boolean; readonly engines: boolean},
): Promise<void> {
  await output.print(connectionHeading(engines))
  let piece: IpvsConnection[] = []
  const print = async (): Promise<void> => {
    if (!numeric) await names.askNames(piece.flatMap(({client, virtual, real}) => [client, virtual, real]))
    const reverse = numeric ? NUMERIC : names.reverse
    await output.print(piece.map(connection => connectionLine(connection, engines, reverse)).join(''))
    piece = []
  }
  for await (const connection of table.connections()) {
    piece.push(connection)
    if (piece.length === PIECE) await print()
  }
  await print()
}

/** The master is listed first. */
const byRole = <Daemon extends {readonly role: string}>(daemons: readonly Daemon[]): readonly Daemon[] => [
  ...daemons.filter(({role}) => role === 'master'),
  ...daemons.filter(({role}) => role !== 'master'),
]

async function namesFor(
  entries: readonly ServiceEntry[],
  {names, numeric}: {readonly names: NameService; readonly numeric: boolean},
): Promise<NameReverse> {
  if (numeric) return NUMERIC
  await names.askNames(addressesOf(entries))
  return names.reverse
}

function* addressesOf(entries: readonly ServiceEntry[]): Iterable<IpAddress> {
  for (const {service, destinations} of entries) {
    if (service.id.type === 'address') yield service.id.address
    for (const {address} of destinations) yield address
  }
}

function* pieces<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += PIECE) yield items.slice(from, from + PIECE)
}
