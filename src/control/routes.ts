import type {JournalRecord} from '../core/journal/record.ts'
import type {ErrorCode} from '../errors.ts'
import {CHECK_ROUTES} from './check-routes.ts'
import {CONFIG_ROUTES, MAX_CONFIG_BYTES} from './config-routes.ts'
import type {StreamSource} from './event-stream.ts'
import {LVS_ROUTES} from './lvs-routes.ts'
import type {
  AgentEvent,
  AgentStatus,
  AnnounceReply,
  ConfigDiffReply,
  ConfigReply,
  ItemReply,
  ListReply,
  MoveReply,
  Override,
  ReloadReply,
  StopReply,
  Vip,
  VirtualRouter,
  WhyReply,
} from './model.ts'
import {
  type Fields,
  type FieldTypes,
  get,
  many,
  NOTHING,
  one,
  post,
  type ReplyShape,
  type Route,
  stream,
} from './route.ts'
import type {WatchEvent} from './watch-model.ts'

/** Carries the API version in every request and every answer. */
export const API_HEADER = 'hactl-api'
/** Carries the version of the agent in every answer. */
export const VERSION_HEADER = 'hactl-version'

/** How long somebody is to keep from being master, and why. */
const HOLDING = {
  forSeconds: {type: 'count', doc: 'end it by itself after so many seconds', max: 31_536_000},
  reason: {type: 'string', doc: 'what for; it is shown wherever the state is'},
} as const

/** The whole API. The key is the name of the handler in the agent and of the call in the client. */
export const ROUTES = {
  status: get('/v1/agent', NOTHING, one<'AgentStatus', AgentStatus>('AgentStatus'), 'the agent and its processes'),
  reload: post(
    '/v1/agent/reload',
    {force: {type: 'boolean', doc: 'apply what can be applied although the configuration has errors'}},
    one<'Reload', ReloadReply>('Reload'),
    'read the configuration again and apply what changed',
  ),
  stop: post('/v1/agent/stop', NOTHING, one<'Stop', StopReply>('Stop'), 'withdraw everything and end the agent'),
  config: get(
    '/v1/config',
    {effective: {type: 'boolean', doc: 'with every default and everything inherited'}},
    one<'Config', ConfigReply>('Config'),
    'the configuration that runs, without its secrets',
  ),
  // Not for everyone: whoever may ask as often as he likes whether a password is the same finds it out.
  configDiff: {
    ...post(
      '/v1/config/diff',
      {text: {type: 'string', doc: 'a configuration, without includes'}},
      one<'ConfigDiff', ConfigDiffReply>('ConfigDiff'),
      'what a reload with another configuration would do to each object',
    ),
    bodyBytes: MAX_CONFIG_BYTES,
  },
  routers: get('/v1/vrrp', NOTHING, many<'VirtualRouter', VirtualRouter>('VirtualRouter'), 'every virtual router'),
  router: get('/v1/vrrp/{name}', NOTHING, one<'VirtualRouter', VirtualRouter>('VirtualRouter'), 'one virtual router'),
  why: get('/v1/vrrp/{name}/why', NOTHING, one<'Why', WhyReply>('Why'), 'why it is in its state: the chain of causes'),
  takeover: post(
    '/v1/vrrp/{name}/takeover',
    {},
    one<'Move', MoveReply>('Move'),
    'become master now, with a priority above that of the present one',
  ),
  release: post(
    '/v1/vrrp/{name}/release',
    {...HOLDING, force: {type: 'boolean', doc: 'stay backup also when nobody takes over'}},
    one<'Move', MoveReply>('Move'),
    'do not be master until told otherwise; it is taken back when nobody takes over',
  ),
  resume: post('/v1/vrrp/{name}/resume', {}, one<'Move', MoveReply>('Move'), 'end a release and a takeover'),
  setPriority: post(
    '/v1/vrrp/{name}/priority',
    {
      priority: {type: 'count', doc: 'base priority in place of the configured one', max: 254},
      reset: {type: 'boolean', doc: 'back to the configured one'},
    },
    one<'Move', MoveReply>('Move'),
    'another base priority',
  ),
  activate: post(
    '/v1/vrrp/{name}/activate',
    {force: {type: 'boolean', doc: 'also while another daemon here seems to hold the addresses'}},
    one<'Move', MoveReply>('Move'),
    'run a virtual router that was only observed',
  ),
  maintenance: post(
    '/v1/agent/maintenance',
    {
      on: {type: 'boolean', doc: 'step down everywhere, or end that'},
      ...HOLDING,
      force: {type: 'boolean', doc: 'stay down also where nobody takes over'},
    },
    one<'Move', MoveReply>('Move'),
    'step down everywhere and see who takes over; it is taken back when somebody is missing',
  ),
  overrides: get(
    '/v1/overrides',
    NOTHING,
    many<'Override', Override>('Override'),
    'what operators changed at run time',
  ),
  cancelOverride: post('/v1/overrides/{id}/cancel', {}, one<'Override', Override>('Override'), 'take one back'),
  announce: post(
    '/v1/vips/announce',
    {address: {type: 'string', doc: 'only this virtual address'}},
    one<'Announce', AnnounceReply>('Announce'),
    'send gratuitous ARP and neighbour advertisements for the addresses that are held',
  ),
  addVip: post(
    '/v1/vips/add',
    {
      instance: {type: 'string', doc: 'the virtual router'},
      line: {type: 'string', doc: 'as in virtual_ipaddress: ADDRESS/LENGTH dev INTERFACE …'},
    },
    one<'Override', Override>('Override'),
    'one more virtual address',
  ),
  removeVip: post(
    '/v1/vips/remove',
    {
      instance: {type: 'string', doc: 'the virtual router; may be left out where only one has the address'},
      address: {type: 'string', doc: 'the address, with or without its length'},
    },
    one<'Override', Override>('Override'),
    'one virtual address less',
  ),
  vips: get('/v1/vips', NOTHING, many<'Vip', Vip>('Vip'), 'every virtual address, wanted and present'),
  ...CONFIG_ROUTES,
  ...LVS_ROUTES,
  ...CHECK_ROUTES,
  journal: get(
    '/v1/journal',
    {
      instance: {type: 'string', doc: 'only what concerns this virtual router'},
      kind: {type: 'string', doc: 'only records of this kind'},
      limit: {type: 'count', doc: 'at most this many, the newest', max: 1000},
    },
    many<'JournalRecord', JournalRecord>('JournalRecord'),
    'what happened, oldest first',
  ),
  events: get('/v1/events', NOTHING, stream<'Event', AgentEvent>('Event'), 'a snapshot, then every change, as NDJSON'),
  watch: get(
    '/v1/watch',
    NOTHING,
    stream<'Watch', WatchEvent>('Watch'),
    'all that a screen about the node shows, then whatever changes of it, as NDJSON',
  ),
} as const

/** The name of a route. */
export type RouteName = keyof typeof ROUTES

/** How each failure is said in HTTP; the body names the code. */
export const HTTP_STATUS: {readonly [code in ErrorCode]: number} = {
  FAILED: 500,
  USAGE: 400,
  AGENT_NOT_RUNNING: 503,
  AGENT_ALREADY_RUNNING: 409,
  AGENT_VERSION: 400,
  PERMISSION: 403,
  NOT_FOUND: 404,
  INVALID_CONFIGURATION: 422,
  REFUSED: 409,
  TIMED_OUT: 504,
}

type Simplify<T> = {[key in keyof T]: T[key]}
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? {readonly [name in Name]: string} & ParamsOf<Rest>
  : unknown
type FieldsOf<F extends Fields> = {readonly [name in keyof F]?: FieldTypes[F[name]['type']]}

/** What a call takes: path parameters, query and body in one flat object. */
export type InputOf<Name extends RouteName> =
  (typeof ROUTES)[Name] extends Route<infer Path, infer Query, infer Body>
    ? Simplify<ParamsOf<Path> & FieldsOf<Query> & FieldsOf<Body>>
    : never

/** A value and when the process that owns it last saw it (ISO 8601, UTC). */
export interface Observed<Value> {
  readonly observedAt: string
  readonly value: Value
}

/** What the agent hands to the server for one call; the server puts it into its envelope. */
export type ResultOf<Name extends RouteName> =
  (typeof ROUTES)[Name]['reply'] extends ReplyShape<infer Shape, string, infer Item>
    ? Observed<Shape extends 'list' ? readonly Item[] : Item>
    : never

/** What goes over the wire for one call. */
export type ReplyOf<Name extends RouteName> =
  (typeof ROUTES)[Name]['reply'] extends ReplyShape<infer Shape, infer Kind, infer Item>
    ? Shape extends 'list'
      ? ListReply<Kind, Item>
      : ItemReply<Kind, Item>
    : never

/** The routes that stream NDJSON lines. */
export type StreamName = {
  [Name in RouteName]: (typeof ROUTES)[Name]['reply']['shape'] extends 'stream' ? Name : never
}[RouteName]

/** The routes that answer once; the others stream. */
export type CallName = Exclude<RouteName, StreamName>

/** One line of a stream. */
export type StreamEvent<Name extends StreamName> =
  (typeof ROUTES)[Name]['reply'] extends ReplyShape<'stream', string, infer Item> ? Item : never

/** Whether a route streams. */
export const isStream = (name: RouteName): name is StreamName => ROUTES[name].reply.shape === 'stream'

/**
 * What an agent implements. A call may throw a `HactlError`, which reaches the client with its code and hint.
 * A stream calls its listener at once with what there is, then with each change, and returns what ends that.
 */
export type AgentHandlers = {
  readonly [Name in CallName]: (input: InputOf<Name>) => ResultOf<Name> | Promise<ResultOf<Name>>
} & {
  readonly [Name in StreamName]: StreamSource<StreamEvent<Name>>
}

/** The handlers of everything that concerns IPVS: the check process has them, and a command line that asks no agent. */
export type LvsHandlers = Pick<AgentHandlers, keyof typeof LVS_ROUTES>

/** The handlers of everything that concerns checkers, which the check process has. */
export type CheckHandlers = Pick<AgentHandlers, keyof typeof CHECK_ROUTES>
