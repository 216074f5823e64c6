import type {
  LvsChangeReply,
  LvsConnection,
  LvsConnectionCount,
  LvsInfo,
  LvsService,
  LvsSyncDaemon,
} from './lvs-model.ts'
import {get, many, NOTHING, one, post} from './route.ts'

const SERVICE = {
  service: {type: 'string', doc: 'ADDRESS:PORT/PROTOCOL, fwm/MARK, fwm6/MARK, or the name from the configuration'},
} as const

const REAL = {...SERVICE, real: {type: 'string', doc: 'ADDRESS:PORT of the real server'}} as const

const REASON = {reason: {type: 'string', doc: 'what for; it is shown wherever the state is'}} as const

/** What is not given stays as it is, or else is the default of ipvsadm(8). */
const SERVICE_SETTINGS = {
  ...SERVICE,
  scheduler: {type: 'string', doc: 'rr wrr lc wlc lblc lblcr sh dh sed nq fo ovf mh …'},
  schedulerFlags: {
    type: 'string',
    doc: 'with commas: sh-fallback, sh-port, mh-fallback, mh-port, flag-1 to flag-3; or none',
  },
  persistent: {type: 'count', min: 0, max: 2_678_400, doc: 'seconds that a client stays with its real server; 0: not'},
  netmask: {type: 'string', doc: 'how many clients are one: a netmask or a length of prefix'},
  engine: {type: 'string', doc: 'persistence engine: sip; or none'},
  onePacket: {type: 'boolean', doc: 'schedule every UDP packet by itself'},
} as const

const REAL_SETTINGS = {
  ...REAL,
  method: {type: 'string', doc: 'nat, dr or tun'},
  weight: {type: 'count', min: 0, max: 2_147_483_647, doc: 'share of the connections; 0: no new ones'},
  upperThreshold: {type: 'count', min: 0, max: 4_294_967_295, doc: 'no new connections above so many; 0: no limit'},
  lowerThreshold: {type: 'count', min: 0, max: 4_294_967_295, doc: 'new connections again below so many'},
  tunnelType: {type: 'string', doc: 'ipip, gue or gre'},
  tunnelPort: {type: 'count', min: 1, max: 65_535, doc: 'UDP port of gue'},
  tunnelChecksum: {type: 'string', doc: 'nocsum, csum or remcsum'},
} as const

const DRY_RUN = {dryRun: {type: 'boolean', doc: 'tell what would change, and change nothing'}} as const

const CHANGE = one<'LvsChange', LvsChangeReply>('LvsChange')

/** 10,000 services with 10 destinations each have less. */
const MAX_RULES_BYTES = 32 * 1024 * 1024

/** Everything that concerns IPVS. */
export const LVS_ROUTES = {
  lvsInfo: get('/v1/lvs', NOTHING, one<'LvsInfo', LvsInfo>('LvsInfo'), 'version, table and timeouts of IPVS'),
  lvsServices: get(
    '/v1/lvs/services',
    {
      service: {type: 'string', doc: 'only this service, or those of this name in the configuration'},
    },
    many<'LvsService', LvsService>('LvsService'),
    'virtual services with their real servers, as the kernel has them and as they are wanted',
  ),
  lvsConnections: get(
    '/v1/lvs/connections',
    {
      ...REAL,
      client: {type: 'string', doc: 'only from this address'},
      state: {type: 'string', doc: 'only in this state: ESTABLISHED …'},
      limit: {type: 'count', doc: 'at most this many; 1000 unless given', max: 100_000},
    },
    many<'LvsConnection', LvsConnection>('LvsConnection'),
    'connections that IPVS tracks',
  ),
  lvsConnectionCounts: get(
    '/v1/lvs/connections/counts',
    {
      ...REAL,
      client: {type: 'string', doc: 'only from this address'},
      state: {type: 'string', doc: 'only in this state'},
    },
    many<'LvsConnectionCount', LvsConnectionCount>('LvsConnectionCount'),
    'how many connections each real server of each service has',
  ),
  lvsSync: get(
    '/v1/lvs/sync',
    NOTHING,
    many<'LvsSyncDaemon', LvsSyncDaemon>('LvsSyncDaemon'),
    'the daemons that pass connections on to other directors',
  ),
  addService: post('/v1/lvs/services/add', SERVICE_SETTINGS, CHANGE, 'a new service'),
  editService: post('/v1/lvs/services/edit', SERVICE_SETTINGS, CHANGE, 'another scheduler or persistence'),
  deleteService: post(
    '/v1/lvs/services/delete',
    {...SERVICE, ...DRY_RUN},
    CHANGE,
    'a service less, with its real servers',
  ),
  addReal: post('/v1/lvs/reals/add', REAL_SETTINGS, CHANGE, 'one more real server'),
  editReal: post('/v1/lvs/reals/edit', REAL_SETTINGS, CHANGE, 'another weight, method or threshold'),
  deleteReal: post('/v1/lvs/reals/delete', {...REAL, ...DRY_RUN}, CHANGE, 'one real server less'),
  drainReal: post('/v1/lvs/reals/drain', {...REAL, ...REASON}, CHANGE, 'weight 0 until told otherwise'),
  undrainReal: post(
    '/v1/lvs/reals/undrain',
    {
      ...REAL,
      weight: {
        type: 'count',
        min: 0,
        max: 2_147_483_647,
        doc: 'its weight from now on; needed where nobody remembers it: straight to the kernel',
      },
    },
    CHANGE,
    'its weight again',
  ),
  disableReal: post(
    '/v1/lvs/reals/disable',
    {...REAL, ...REASON, ...DRY_RUN},
    CHANGE,
    'out of the table until told otherwise',
  ),
  enableReal: post('/v1/lvs/reals/enable', REAL, CHANGE, 'back into the table, and its weight again'),
  zeroLvs: post('/v1/lvs/zero', SERVICE, CHANGE, 'zero the counters, of one service or of all'),
  flushLvs: post('/v1/lvs/flush', DRY_RUN, CHANGE, 'every service less, also those of the configuration'),
  setLvsTimeouts: post(
    '/v1/lvs/timeouts',
    {
      tcp: {type: 'count', min: 0, max: 2_678_400, doc: 'seconds for established connections; 0: as it is'},
      tcpFin: {type: 'count', min: 0, max: 2_678_400, doc: 'seconds after a FIN; 0: as it is'},
      udp: {type: 'count', min: 0, max: 2_678_400, doc: 'seconds for UDP; 0: as it is'},
    },
    CHANGE,
    'when idle connections are forgotten',
  ),
  startSync: post(
    '/v1/lvs/sync/start',
    {
      role: {type: 'string', doc: 'master or backup'},
      interface: {type: 'string', doc: 'where to send or listen'},
      id: {type: 'count', min: 0, max: 255, doc: 'only daemons with the same understand each other; 0 as backup: all'},
      maxLength: {type: 'count', max: 65_507, doc: 'longest message, bytes'},
      group: {type: 'string', doc: 'multicast group'},
      port: {type: 'count', max: 65_535, doc: 'UDP port'},
      ttl: {type: 'count', max: 255, doc: 'TTL or hop limit'},
    },
    CHANGE,
    'start passing connections on, or taking them',
  ),
  stopSync: post('/v1/lvs/sync/stop', {role: {type: 'string', doc: 'master or backup'}}, CHANGE, 'end that'),
  restoreLvs: {
    ...post(
      '/v1/lvs/restore',
      {
        text: {type: 'string', doc: 'what ipvsadm -S or hactl lvs save prints'},
        equal: {type: 'boolean', doc: 'remove what the text does not have, also what others made'},
        ...DRY_RUN,
      },
      CHANGE,
      'put services and real servers into the table, all or none of them',
    ),
    bodyBytes: MAX_RULES_BYTES,
  },
} as const
