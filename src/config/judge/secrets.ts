import type {Lint} from './lint.ts'

/** Lints of passwords and keys; no message of theirs shows one. */
export const SECRET_LINTS: readonly Lint[] = [
  {
    name: 'password-well-known',
    check: ({instances}, remark) => {
      for (const {name, position, authentication} of instances) {
        const password = authentication?.password
        if (password === undefined || !isWellKnown(password)) continue
        const message = `${name}: auth_pass is one that samples and other people's clusters have too`
        remark(authentication?.at.password ?? position, message, 'choose eight random characters')
      }
    },
  },
  {
    name: 'vrid-of-sample',
    check: ({instances}, remark) => {
      const used = new Set<number>(instances.map(({vrid}) => vrid))
      // Where numbers are given out one after the other, this one is no sample's.
      if (used.has(SAMPLE_VRID - 1) && used.has(SAMPLE_VRID + 1)) return
      for (const {name, vrid, unicastPeers, authentication, authHmac, at, position} of instances) {
        if (vrid !== SAMPLE_VRID || unicastPeers.length > 0 || authHmac) continue
        const password = authentication?.password
        if (password !== undefined && !isWellKnown(password)) continue
        const why = password === undefined ? 'no authentication' : 'a well-known auth_pass'
        const message =
          `${name}: virtual_router_id ${SAMPLE_VRID} is that of the sample, and with ${why} ` +
          'another cluster of this network that kept it too is obeyed'
        remark(at.vrid ?? position, message, 'choose another number from 1 to 255')
      }
    },
  },
  {
    name: 'key-of-one-character',
    check: ({instances}, remark) => {
      for (const {name, position, authHmac} of instances) {
        for (const {id, value} of authHmac?.keys ?? []) {
          if (!isRepetition(value.replace(/^hex:/, ''))) continue
          const message = `${name}: key ${id} of auth_hmac is one character again and again`
          remark(
            authHmac?.at.keys ?? position,
            message,
            'make one with: openssl rand -hex 32, and write hex: before it',
          )
        }
      }
    },
  },
]

const SAMPLE_VRID = 51

/** Passwords and beginnings of passwords of documentation, tutorials and templates, in lower case. */
const WELL_KNOWN = `1111 1234 12345 123456 1234567 12345678 0000 2222 1066 42 abc123 abcd1234 admin admin123 aaa123
  changeme change_m change-m changeit cisco cluster d0ck3r default example fakepass ha1234 haproxy keepalive keepaliv
  keepalived k8s k8s_pass k@l!ve letmein lvs mypass mypasswo mypassword mysecret nginx nopass pass pass123 pass1234
  pass_goe passw0rd passwd password passwort qwerty replace_ root secret secret12 secret123 secretpa supersec test
  test123 test1234 topsecre vrrp vrrppass xxxx xxxxxxxx yourpass your_pas`.split(/\s+/)
const WELL_KNOWN_SET = new Set(WELL_KNOWN.flatMap(word => [word, word.slice(0, 8)]))

const isWellKnown = (password: string): boolean =>
  WELL_KNOWN_SET.has(password.toLowerCase()) || isRepetition(password) || isSequence(password)

const isRepetition = (text: string): boolean => text.length > 1 && [...text].every(c => c === text[0])

/** `23456`, `abcdef`. */
const isSequence = (text: string): boolean =>
  text.length > 2 && [...text].every((c, i) => c.charCodeAt(0) === text.charCodeAt(0) + i)
