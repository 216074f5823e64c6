import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import type {LvsChangeReply, LvsService} from '../control/lvs-model.ts'
import {LVS_ROUTES} from '../control/lvs-routes.ts'
import type {ItemReply, ListReply} from '../control/model.ts'
import type {Field} from '../control/route.ts'
import type {InputOf} from '../control/routes.ts'
import {HactlError} from '../errors.ts'

/** What every order answers. */
export type LvsOrderReply = ItemReply<'LvsChange', LvsChangeReply>

/** What a list of services is. */
export type LvsServicesReply = ListReply<'LvsService', LvsService>

/** What every command about IPVS has: the kernel itself may be asked. */
export const LVS_FLAGS = {
  direct: boolean({description: 'ask the kernel itself, past the agent; nothing is remembered', helpGroup: 'GLOBAL'}),
}

/** `--yes` of whatever asks first. */
export const YES_FLAG = {yes: boolean({char: 'y', description: 'do not ask'})}

/** `--dry-run` of whatever can tell what it would do. */
export const DRY_RUN_FLAG = {'dry-run': boolean({description: 'tell what would change, and change nothing'})}

/** `--watch` of whatever shows what changes. */
export const WATCH_FLAG = {
  watch: boolean({char: 'w', description: 'show it again every 2 s; with --json one line a change'}),
}

/** `--reason` of a hold. */
export const REASON_FLAG = {
  reason: string({description: 'what for; shown wherever the state is', helpValue: 'TEXT'}),
}

/** The argument that names a service; `what` is added to its description. */
export const serviceArg = (what = 'asked for in a terminal') =>
  stringArg({description: `ADDRESS:PORT/PROTOCOL, fwm/MARK, or its configured name; ${what}`, ignoreStdin: true})

/** The argument that names a real server. */
export const realArg = (what = 'asked for in a terminal') =>
  stringArg({description: `ADDRESS:PORT of the real server; ${what}`, ignoreStdin: true})

/** What a service can be given: the words of ipvsadm(8), but long. */
export const SERVICE_FLAGS = {
  scheduler: string({
    char: 's',
    description: 'rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq, fo, ovf or mh [default: wlc]',
    helpValue: 'NAME',
  }),
  'sched-flags': string({
    description: 'with commas: sh-fallback, sh-port, mh-fallback, mh-port, flag-1 to flag-3; or none',
    helpValue: 'FLAGS',
  }),
  persistent: string({
    char: 'p',
    description: 'a client stays with its real server for so long; 0: not',
    helpValue: 'SECONDS',
  }),
  netmask: string({description: 'clients of one network stay together', helpValue: 'MASK'}),
  engine: string({description: 'what else tells clients apart: sip; or none', helpValue: 'NAME'}),
  ops: boolean({description: 'schedule each UDP packet by itself', allowNo: true}),
}

/** What a real server can be given. */
export const REAL_FLAGS = {
  method: string({description: 'nat, dr or tun [default: dr]', helpValue: 'METHOD'}),
  weight: string({char: 'w', description: 'its share; 0: no new connections [default: 1]', helpValue: 'WEIGHT'}),
  'upper-threshold': string({description: 'no new connections above so many; 0: no limit', helpValue: 'COUNT'}),
  'lower-threshold': string({description: 'new connections again below so many', helpValue: 'COUNT'}),
  'tunnel-type': string({description: 'of method tun: ipip, gue or gre [default: ipip]', helpValue: 'TYPE'}),
  'tunnel-port': string({description: 'UDP port of gue', helpValue: 'PORT'}),
  'tunnel-checksum': string({description: 'nocsum, csum or remcsum [default: nocsum]', helpValue: 'TYPE'}),
}

type Given<Name extends string> = {readonly [name in Name]?: string | undefined}

/** The settings of a service that were given. Throws USAGE for what is no number. */
export function serviceSettings(
  flags: Given<'scheduler' | 'sched-flags' | 'persistent' | 'netmask' | 'engine'> & {readonly ops?: boolean},
): Omit<InputOf<'addService'>, 'service'> {
  const {body} = LVS_ROUTES.addService
  return given({
    scheduler: flags.scheduler,
    schedulerFlags: flags['sched-flags'],
    persistent: wholeNumber('--persistent', flags.persistent, body.persistent),
    netmask: flags.netmask,
    engine: flags.engine,
    onePacket: flags.ops,
  })
}

/** The settings of a real server that were given. Throws USAGE for what is no number. */
export function realSettings(flags: Given<keyof typeof REAL_FLAGS>): Omit<InputOf<'addReal'>, 'service' | 'real'> {
  const {body} = LVS_ROUTES.addReal
  return given({
    method: flags.method,
    weight: wholeNumber('--weight', flags.weight, body.weight),
    upperThreshold: wholeNumber('--upper-threshold', flags['upper-threshold'], body.upperThreshold),
    lowerThreshold: wholeNumber('--lower-threshold', flags['lower-threshold'], body.lowerThreshold),
    tunnelType: flags['tunnel-type'],
    tunnelPort: wholeNumber('--tunnel-port', flags['tunnel-port'], body.tunnelPort),
    tunnelChecksum: flags['tunnel-checksum'],
  })
}

/** Throws USAGE when nothing is to be changed. */
export function requireSetting(settings: object, example: string): void {
  if (Object.keys(settings).length > 0) return
  throw new HactlError('USAGE', 'nothing was given that is to change', `such as ${example}`)
}

/** The number that a flag was given, within the bounds of a field. Throws USAGE for anything else. */
export function wholeNumber(flag: string, text: string | undefined, field: Field): number | undefined {
  if (text === undefined) return undefined
  const {min = 1, max = 1_000_000} = field
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1
  if (number >= min && number <= max) return number
  throw new HactlError('USAGE', `${flag}: "${text.slice(0, 80)}" is no whole number from ${min} to ${max}`)
}

/** Without what is undefined. */
export function given<Values extends {readonly [name: string]: unknown}>(
  values: Values,
): {[name in keyof Values]?: Exclude<Values[name], undefined>} {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as {[name in keyof Values]?: Exclude<Values[name], undefined>}
}
