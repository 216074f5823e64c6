import {withLab} from '../lab.ts'
import {guest} from './guest.ts'

/** Who may talk to whom in a lab that is inside the guest, and what a kernel module is loaded for by itself. */
export interface LabAnswer {
  readonly asked: string
  readonly packetLoss: string | undefined
  readonly services: string
}

guest<{question: string}, LabAnswer>(({question}) =>
  withLab(async lab => {
    const segment = await lab.segment()
    const [a, b] = [await lab.host('a'), await lab.host('b')]
    await a.attach(segment, {interface: 'eth0', address: '10.1.0.1/24'})
    await b.attach(segment, {interface: 'eth0', address: '10.1.0.2/24'})
    const {stdout} = await a.run(['ping', '-c', '2', '-i', '0.1', '10.1.0.2'], {check: false})
    await a.run(['ipvsadm', '-A', '-t', '10.1.0.1:80', '-s', 'mh'])
    const services = (await a.run(['ipvsadm', '-S', '-n'])).stdout
    return {asked: question, packetLoss: /[\d.]+% packet loss/.exec(stdout)?.[0], services}
  }),
)
