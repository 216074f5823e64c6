import type {DaemonName} from '../lab/daemon.ts'
import type {PairOptions} from '../lab/pair.ts'
import type {Protocol} from '../lab/role.ts'

/** One cell of the product of all that can be varied. */
export interface Combination extends Protocol {
  readonly roles: Roles
}
type Roles = `${DaemonName} > ${DaemonName}`

/** Two values that no permitted combination has together, and why. */
export interface Impossible {
  readonly values: readonly [string, string]
  readonly reason: string
}

export interface Matrix {
  /** Every pair of values that is possible is in at least one of these. */
  readonly plays: readonly PairOptions[]
  readonly impossible: readonly Impossible[]
}

type Field = keyof Combination
type Value = Combination[Field]

const PROGRAMS: readonly DaemonName[] = ['hactl', 'keepalived', 'frr']
const VALUES: {readonly [F in Field]: readonly Combination[F][]} = {
  roles: PROGRAMS.flatMap(better => PROGRAMS.map((worse): Roles => `${better} > ${worse}`)),
  version: [2, 3],
  family: [4, 6],
  transport: ['multicast', 'unicast'],
  authentication: ['none', 'PASS', 'AH', 'HMAC'],
  vmac: [false, true],
  intervalMs: [1_000, 100],
}
const FIELDS = Object.keys(VALUES) as Field[]

const membersOf = ({roles}: Pick<Combination, 'roles'>): readonly DaemonName[] => roles.split(' > ') as DaemonName[]
const runs = (combination: Combination, program: DaemonName): boolean => membersOf(combination).includes(program)

/** What cannot be; the first that forbids a combination is its reason. */
const RULES: readonly {readonly reason: string; readonly forbids: (combination: Combination) => boolean}[] = [
  {reason: 'version 2 has no IPv6 (RFC 3768)', forbids: ({version, family}) => version === 2 && family === 6},
  {
    reason: 'version 2 counts whole seconds (RFC 3768 section 5.3.7)',
    forbids: ({version, intervalMs}) => version === 2 && intervalMs < 1_000,
  },
  {reason: 'FRR has no unicast', forbids: it => runs(it, 'frr') && it.transport === 'unicast'},
  {reason: 'FRR has no authentication', forbids: it => runs(it, 'frr') && it.authentication !== 'none'},
  {
    reason: 'auth_hmac came with keepalived 2.4, and this is 2.2.7',
    forbids: it => runs(it, 'keepalived') && it.authentication === 'HMAC',
  },
  {
    reason: 'version 3 has no authentication (RFC 9568 section 9)',
    forbids: ({version, authentication}) => version === 3 && (authentication === 'PASS' || authentication === 'AH'),
  },
]

/** The plays for these programs, and what cannot be played; without hactl among them, of all of them with each other. */
export function matrixOf(programs: readonly DaemonName[]): Matrix {
  const among = product().filter(combination => membersOf(combination).every(program => programs.includes(program)))
  const all = programs.includes('hactl') ? among.filter(combination => runs(combination, 'hactl')) : among
  const possible = all.filter(combination => !RULES.some(({forbids}) => forbids(combination)))
  const open = new Set(possible.flatMap(pairsOf))
  const impossible = [...new Set(all.flatMap(pairsOf))].filter(pair => !open.has(pair))
  return {
    plays: cover(possible, open).map(({roles, ...protocol}) => {
      const [better, worse] = membersOf({roles}) as [DaemonName, DaemonName]
      return {better, worse, protocol}
    }),
    impossible: impossible.map(pair => ({
      values: pair.split(' & ') as [string, string],
      reason: reasonOf(all.filter(combination => pairsOf(combination).includes(pair))),
    })),
  }
}

/** Always takes the combination with the most pairs that are missing yet; of equals the first, so that it is stable. */
function cover(possible: readonly Combination[], open: Set<string>): readonly Combination[] {
  const chosen: Combination[] = []
  const fresh = (combination: Combination): number => pairsOf(combination).filter(pair => open.has(pair)).length
  while (open.size > 0) {
    const best = possible.reduce((a, b) => (fresh(b) > fresh(a) ? b : a))
    chosen.push(best)
    for (const pair of pairsOf(best)) open.delete(pair)
  }
  return chosen
}

/** The fewest rules that together forbid all of these combinations. */
function reasonOf(combinations: readonly Combination[]): string {
  let sets: readonly (typeof RULES)[] = [[]]
  for (;;) {
    sets = sets.flatMap(set => RULES.slice(RULES.indexOf(set.at(-1) as never) + 1).map(rule => [...set, rule]))
    const enough = sets.find(set => combinations.every(it => set.some(({forbids}) => forbids(it))))
    if (enough) return enough.map(({reason}) => reason).join('; ')
  }
}

/** Every two values of a combination, by their names, in the order of the fields. */
export function pairsOf(combination: Combination): readonly string[] {
  return FIELDS.flatMap((a, i) =>
    FIELDS.slice(i + 1).map(b => `${valueName(a, combination[a])} & ${valueName(b, combination[b])}`),
  )
}

function product(): readonly Combination[] {
  const start: readonly Partial<Combination>[] = [{}]
  const all = FIELDS.reduce(
    (partial, field) => partial.flatMap(each => VALUES[field].map(value => ({...each, [field]: value}))),
    start,
  )
  return all as readonly Combination[]
}

function valueName(field: Field, value: Value): string {
  switch (field) {
    case 'version':
      return `VRRPv${value}`
    case 'family':
      return `IPv${value}`
    case 'vmac':
      return value ? 'VMAC' : 'no VMAC'
    case 'intervalMs':
      return value === 1_000 ? '1 s' : '10 cs'
    case 'authentication':
      return value === 'none' ? 'no authentication' : String(value)
    case 'roles':
    case 'transport':
      return String(value)
  }
}
