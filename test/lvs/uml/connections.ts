import type {Host} from '../../lab/host.ts'

/** The real server, IPv4, of an established TCP connection that a director knows; undefined: it knows none. */
export async function established(
  director: Host,
  {client, virtual}: {readonly client: string; readonly virtual: string},
): Promise<string | undefined> {
  const {stdout} = await director.run(['cat', '/proc/net/ip_vs_conn'])
  for (const line of stdout.split('\n')) {
    // Protocol, client, its port, VIP, its port, real server, its port, state, …: addresses and ports in hexadecimal.
    const [protocol, from, , to, , real = '', , state] = line.split(/\s+/)
    const wanted = protocol === 'TCP' && from === hexadecimal(client) && to === hexadecimal(virtual)
    if (wanted && state === 'ESTABLISHED') return [...Buffer.from(real, 'hex')].join('.')
  }
  return undefined
}

const hexadecimal = (address: string): string =>
  Buffer.from(address.split('.').map(Number)).toString('hex').toUpperCase()
