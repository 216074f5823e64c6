import {existsSync} from 'node:fs'
import {expect, it} from 'vitest'
import type {AgentClient} from '../../src/control/client.ts'
import {agentClient} from '../../src/control/client.ts'
import {AGENT_SOCKET, CONFIG_FILE, startAgent, stopGracefully} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {withLab} from '../lab/lab.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'

const VIP = '10.9.0.100'
const SERVER = `
virtual_server ${VIP} 80 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 10.9.0.1 80 {
    }
}
`
const ROUTER = `
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    advert_int 0.1
    virtual_ipaddress {
        ${VIP}/24
    }
}
`
const GLOBALS = 'global_defs {\nrouter_id lab\nvrrp_version 3\n}\n'

const clientOf = (host: Host): AgentClient => agentClient({socket: host.outside(AGENT_SOCKET)})

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was done',
    (error: unknown) => error,
  )

const MISSING = {code: 'FAILED', message: expect.stringMatching(/^this kernel has no IPVS: the module ip_vs /)}

async function notesOf(host: Host): Promise<readonly string[]> {
  const {items} = await clientOf(host).journal({limit: 1000})
  return items.filter(({kind}) => kind === 'ipvs-missing').map(({text}) => text)
}

// Where the kernel has IPVS this is tested in test/lvs/uml.
if (!existsSync('/proc/net/ip_vs')) {
  labSuite('an agent on a kernel without IPVS', [], () => {
    it('runs its virtual routers, tells it once, and answers calls with the reason', async () => {
      await withLab(async lab => {
        const segment = await lab.segment()
        const host = await lab.host('one')
        await host.attach(segment, {interface: 'eth0', address: '10.9.0.1/24'})
        const agent = await startAgent(host, {config: GLOBALS + ROUTER + SERVER})
        await until('the address', () => host.holds(VIP), {timeoutMs: 10_000})
        const client = clientOf(host)
        expect(await failureOf(client.lvsServices({}))).toMatchObject(MISSING)
        expect(await failureOf(client.addService({service: '10.9.0.5:80/tcp'}))).toMatchObject(MISSING)
        expect(await failureOf(client.restoreLvs({text: '-A -t 10.9.0.5:80'}))).toMatchObject(MISSING)
        expect(await notesOf(host)).toEqual([
          expect.stringMatching(/^no virtual server works: this kernel has no IPVS/),
        ])
        expect((await client.status()).item.processes).toMatchObject([
          {name: 'vrrp', state: 'running', restarts: 0},
          {name: 'check', state: 'running', restarts: 0},
        ])

        host.writeFile(CONFIG_FILE, GLOBALS + ROUTER)
        expect((await client.reload({})).item.applied).toBe(true)
        expect(host.holds(VIP)).toBe(true)
        await stopGracefully(agent)
        expect(host.holds(VIP)).toBe(false)
      })
    })

    it('starts with virtual servers alone, and ends', async () => {
      await withLab(async lab => {
        const host = await lab.host('one')
        const agent = await startAgent(host, {config: GLOBALS + SERVER})
        await until('the note', () => agent.process.describe().includes('no virtual server works'), {timeoutMs: 10_000})
        expect((await clientOf(host).overrides()).items).toEqual([])
        expect(await failureOf(clientOf(host).cancelOverride({id: 'lvs-timeouts'}))).toMatchObject({code: 'NOT_FOUND'})
        expect((await stopGracefully(agent)).code).toBe(0)
      })
    })

    it('tells why a call is not answered while the check process is stopped, and answers when it goes on', async () => {
      await withLab(async lab => {
        const host = await lab.host('one')
        const agent = await startAgent(host, {config: GLOBALS + SERVER})
        const client = clientOf(host)
        expect(await failureOf(client.lvsInfo())).toMatchObject(MISSING)
        const pid = (await client.status()).item.processes.find(({name}) => name === 'check')?.pid
        await host.run(['kill', '-STOP', String(pid)])
        const failure = failureOf(client.lvsInfo())
        // The rest of the agent is not held up by it.
        expect((await client.status()).item.processes).toHaveLength(2)
        expect(await failure).toMatchObject({code: 'TIMED_OUT', message: 'the check process did not answer within 8 s'})
        await host.run(['kill', '-CONT', String(pid)])
        expect(await failureOf(client.lvsInfo())).toMatchObject(MISSING)
        await stopGracefully(agent)
      })
    }, 40_000)
  })
}
