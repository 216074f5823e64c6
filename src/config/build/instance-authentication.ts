import type {Item} from '../schema/schema.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import type {Report} from './reporter.ts'

/** The password that advertisements of version 2 carry, if there is to be one. RFC 2338 section 5.3.6. */
export function buildAuthentication(
  {authentication}: Item<InstanceSettings>,
  version: 2 | 3,
  strict: boolean,
  report: Report<InstanceSettings>,
): InstanceSettings['authentication'] {
  if (!authentication) return undefined
  const {type, password} = authentication
  if (type === undefined) {
    if (password === undefined) return undefined
    const message = 'auth_pass without a valid auth_type: advertisements are not authenticated'
    report('authentication-untyped', authentication.at.password ?? authentication.position, message, 'auth_type PASS')
    return undefined
  }
  // Strict mode has reported it.
  if (strict) return undefined
  if (version === 3) {
    const message = 'version 3 has no authentication; it is ignored'
    report('authentication-corrected', authentication.position, message, 'remove it, or use version 2')
    return undefined
  }
  if (password === undefined || password === '') {
    const message = 'auth_type without auth_pass: advertisements are not authenticated'
    report('authentication-corrected', authentication.at.type ?? authentication.position, message, 'auth_pass TEXT')
    return undefined
  }
  const bytes = Buffer.from(password)
  if (bytes.length <= MAX_PASSWORD_BYTES) return authentication
  const message = `auth_pass has ${bytes.length} bytes; only the first ${MAX_PASSWORD_BYTES} are used`
  report('auth-pass-truncated', authentication.at.password, message, `at most ${MAX_PASSWORD_BYTES} bytes`)
  return {...authentication, password: bytes.subarray(0, MAX_PASSWORD_BYTES).toString()}
}

/** RFC 2338 section 5.3.6.2. */
const MAX_PASSWORD_BYTES = 8

/** The keys of `auth_hmac`; undefined, and reported, when it is incomplete. keepalived.conf(5) of 2.4. */
export function buildHmac(
  {authHmac, authentication}: Item<InstanceSettings>,
  report: Report<InstanceSettings>,
): InstanceSettings['authHmac'] {
  if (!authHmac) return undefined
  const {keys, activeKey} = authHmac
  if (activeKey === undefined || !keys.some(({id}) => id === activeKey)) {
    const message =
      activeKey === undefined ? 'auth_hmac names no active_key' : `auth_hmac has no key ${activeKey}, the active one`
    report('hmac-disabled', authHmac.at.activeKey ?? 'authHmac', `${message}: nothing is signed`, 'active_key ID')
    return undefined
  }
  if (authentication) {
    report(
      'authentication-corrected',
      'authentication',
      'auth_hmac takes the place of authentication, which is ignored',
    )
  }
  return authHmac
}
