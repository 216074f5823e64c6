import {readFileSync, writeFileSync} from 'node:fs'
import {errorText} from '../../errors.ts'

/** Whether the kernel reports memberships of groups of the link, such as that of VRRP. ip-sysctl.rst */
const PATH = '/proc/sys/net/ipv4/igmp_link_local_mcast_reports'

/** Switches IGMP for groups of the link off while it is wanted, and back on at the end. `disable_local_igmp` */
export class LocalIgmp {
  readonly #path: string
  readonly #complain: (text: string) => void
  #original: string | undefined

  constructor(complain: (text: string) => void, path = PATH) {
    this.#complain = complain
    this.#path = path
  }

  configure(disabled: boolean): void {
    if (disabled === (this.#original !== undefined)) return
    try {
      const before = readFileSync(this.#path, 'latin1').trim()
      writeFileSync(this.#path, disabled ? '0' : (this.#original ?? before))
      this.#original = disabled ? before : undefined
    } catch (error) {
      this.#complain(`disable_local_igmp has no effect: ${errorText(error)}`)
    }
  }

  close(): void {
    this.configure(false)
  }
}
