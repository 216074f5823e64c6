import type {InstanceConfig} from '../config/config.ts'

/** Why a receiver drops what a sender signs, or does not sign; undefined: it does not. Names no key. */
export function hmacRefusal(sender: InstanceConfig, receiver: InstanceConfig): string | undefined {
  const [sends, wants] = [sender.authHmac, receiver.authHmac]
  const activeKey = sends && sends.mode !== 'receive-only' ? sends.activeKey : undefined
  // Without auth_hmac the trailer is not looked at.
  if (!wants) return undefined
  if (activeKey === undefined) {
    return wants.mode === 'enforce' ? 'one drops what is not signed, and the other does not sign' : undefined
  }
  const [used, known] = [sends, wants].map(settings => settings?.keys.find(({id}) => id === activeKey)?.value)
  if (used === undefined) return undefined
  if (known === undefined) return `one signs with key ${activeKey}, which the other does not have`
  return mayBeSame(used, known) ? undefined : `key ${activeKey} is not the same on both`
}

/** What two nodes should have in common, as a text that must not be shown. */
export function hmacOf({authHmac}: InstanceConfig): string {
  if (!authHmac) return ''
  const {keys, activeKey, mode, antiReplay} = authHmac
  const sorted = keys.toSorted((a, b) => a.id - b.id).map(({id, value}) => `${id} ${bytesOf(value) ?? ''}`)
  return [activeKey, mode, antiReplay, ...sorted].join('\n')
}

/** Keys in files cannot be compared here: they may be the same. */
function mayBeSame(a: string, b: string): boolean {
  const [bytesA, bytesB] = [bytesOf(a), bytesOf(b)]
  return bytesA === undefined || bytesB === undefined || bytesA === bytesB
}

function bytesOf(value: string): string | undefined {
  if (value.startsWith('file:')) return undefined
  return value.startsWith('hex:') ? value.slice(4).toLowerCase() : Buffer.from(value).toString('hex')
}
