import type {IpAddress} from '../../core/ip.ts'
import {errorText} from '../../errors.ts'
import {Network} from '../../kernel/network.ts'

/** The addresses of this host as they come and go. */
export interface AddressWatch {
  /** Whether this host has it; false until the kernel has told the first time. */
  has(address: IpAddress): boolean
  close(): void
}

/** Who is told of the addresses of this host. */
export interface AddressListener {
  /** `has` may answer otherwise than before; at most once a turn of the loop. */
  readonly onChange: () => void
  readonly onError: (text: string) => void
}

/** What opens the monitor; `Network.open`, as a rule. */
export type OpenNetwork = typeof Network.open

/** Watches the addresses of this network namespace by netlink; where that cannot be done, every address is here. */
export function watchAddresses({onChange, onError}: AddressListener, open: OpenNetwork = Network.open): AddressWatch {
  let network: Network | undefined
  let known: ReadonlySet<IpAddress> | undefined
  let waiting: NodeJS.Immediate | undefined
  let closed = false
  let failed = false
  const look = (): void => {
    waiting = undefined
    known = new Set(network?.addresses.map(({address}) => address))
    onChange()
  }
  // Thousands of addresses may come in a row; they are looked at once.
  const lookSoon = (): void => {
    waiting ??= setImmediate(look)
  }
  open({onChange: lookSoon, onError}).then(
    opened => {
      network = opened
      if (closed) opened.close()
      else look()
    },
    error => {
      if (closed) return
      failed = true
      onError(errorText(error))
      onChange()
    },
  )
  return {
    has: address => failed || known?.has(address) === true,
    close: () => {
      closed = true
      clearImmediate(waiting)
      network?.close()
    },
  }
}
