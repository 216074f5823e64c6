import {availableParallelism} from 'node:os'
import {expect, it} from 'vitest'
import type {AgentStatus} from '../../src/control/model.ts'
import {CONFIG_FILE, type Daemon, runHactl, startAgent, stopGracefully} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {withLab} from '../lab/lab.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep} from '../lab/wait.ts'

const VIP = '10.9.0.100'

const config = ({root = '', global = ''}: {root?: string; global?: string}): string => `
${root}
global_defs {
    vrrp_version 3
    script_user root
    ${global}
}
vrrp_instance VI_1 {
    interface ve0
    virtual_router_id 51
    advert_int 0.1
    virtual_ipaddress {
        ${VIP}/24
    }
    notify /run/note
}
`

/** Leaves what a script finds around it in /run/noted. */
const NOTE = `#!/bin/sh
{ umask; readlink /proc/self/ns/net; } > /run/noted.new
mv /run/noted.new /run/noted
`

/** A host with a pair of devices, ve0 and ve1, outside of the namespace `blue` and another pair in it. */
async function prepare(host: Host): Promise<void> {
  host.writeFile('/run/note', NOTE, {mode: 0o755})
  const pair = [
    'link add ve0 type veth peer name ve1',
    'addr add 10.9.0.1/24 dev ve0',
    'link set ve0 up',
    'link set ve1 up',
  ]
  await host.run(['ip', 'netns', 'add', 'blue'])
  for (const line of pair) {
    await host.run(['ip', ...line.split(' ')])
    await host.run(['ip', '-n', 'blue', ...line.split(' ')])
  }
}

const output = async (host: Host, ...command: readonly string[]): Promise<string> =>
  (await host.run(command)).stdout.trim()

const holdsIn = async (host: Host, ...where: readonly string[]): Promise<boolean> =>
  (await output(host, 'ip', ...where, 'addr')).includes(` ${VIP}/`)

const status = async (host: Host): Promise<AgentStatus> =>
  (JSON.parse(await runHactl(host, ['agent', 'status', '--json'])) as {item: AgentStatus}).item

async function child(host: Host, name: 'vrrp' | 'check'): Promise<{readonly pid: number; readonly facts: string}> {
  const pid = (await status(host)).processes.find(process => process.name === name)?.pid ?? 0
  const read = `cat /proc/${pid}/comm; grep -E "Umask|Cpus_allowed_list" /proc/${pid}/status; cut -d" " -f19 /proc/${pid}/stat`
  return {pid, facts: (await output(host, 'sh', '-c', read)).replaceAll(/\s+/g, ' ')}
}

/** Asks a host again and again, which takes a program each time. */
async function eventually(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = performance.now() + 15_000
  while (!(await look())) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain for ${what}`)
    await sleep(20)
  }
}

/** Whether there is a vrrp process other than this one. */
async function isNew(host: Host, pid: number): Promise<boolean> {
  const present = (await status(host)).processes.find(process => process.name === 'vrrp')
  return present?.state === 'running' && present.pid !== pid
}

async function reload(agent: Daemon, text: string): Promise<void> {
  agent.host.writeFile(CONFIG_FILE, text)
  await agent.host.run(['kill', '-HUP', String((await status(agent.host)).pid)])
}

labSuite('the processes of an agent', [], () => {
  // keepalived 2.2.7, measured: scripts run in the namespace too, and a reload cannot change it.
  it('work in net_namespace, with their scripts, and go on there after a death', async () => {
    await withLab(async lab => {
      const host = await lab.host('one')
      await prepare(host)
      const agent = await startAgent(host, {config: config({root: 'net_namespace blue'})})
      await eventually('the address inside', () => holdsIn(host, '-n', 'blue'))
      expect(await holdsIn(host)).toBe(false)
      const inside = await output(host, 'ip', 'netns', 'exec', 'blue', 'readlink', '/proc/self/ns/net')
      await eventually('the script', () => host.hasFile('/run/noted'))
      expect(host.readFile('/run/noted').split('\n')[1]).toBe(inside)

      await reload(agent, config({root: 'net_namespace green'}))
      await eventually('the refusal', async () => (await status(host)).configuration.refused !== null)
      expect((await status(host)).configuration.refused).toMatch(/^net_namespace cannot change at a reload/)

      const {pid} = await child(host, 'vrrp')
      await host.run(['kill', '-KILL', String(pid)])
      await eventually('another process', () => isNew(host, pid))
      const after = await child(host, 'vrrp')
      expect(await output(host, 'readlink', `/proc/${after.pid}/ns/net`)).toBe(inside)
      await stopGracefully(agent)
      expect([await holdsIn(host), await holdsIn(host, '-n', 'blue')]).toEqual([false, false])
    })
  })

  it('do not start where the net_namespace is not there', async () => {
    await withLab(async lab => {
      const host = await lab.host('one')
      await prepare(host)
      const text = config({root: 'net_namespace nosuch'})
      await expect(startAgent(host, {config: text})).rejects.toThrow('there is no network namespace nosuch')
    })
  })

  it('run as the configuration says, and after a reload as the new one says', async () => {
    await withLab(async lab => {
      const host = await lab.host('one')
      await prepare(host)
      const last = String(availableParallelism() - 1)
      const agent = await startAgent(host, {
        config: config({
          root: 'instance two',
          global: `umask 0027\n vrrp_cpu_affinity ${last}\n vrrp_priority 3\n checker_process_name checks\n checker_priority 4`,
        }),
      })
      await eventually('the address', () => holdsIn(host))
      expect((await child(host, 'vrrp')).facts).toBe(`hactl_vrrp Umask: 0027 Cpus_allowed_list: ${last} 3`)
      expect((await child(host, 'check')).facts).toMatch(/^checks Umask: 0027 .* 4$/)
      await eventually('the script', () => host.hasFile('/run/noted'))
      expect(host.readFile('/run/noted').split('\n')[0]).toBe('0027')
      const {pid} = await status(host)
      expect(host.readFile('/run/hactl/agent_two.pid').trim()).toBe(String(pid))
      expect(await output(host, 'cat', `/proc/${pid}/comm`)).toBe('hactl')

      for (const signal of ['USR1', 'USR2', '36']) await host.run(['kill', `-${signal}`, String(pid)])
      await agent.process.waitForOutput(/SIGUSR1 writes no file/)
      await agent.process.waitForOutput(/SIGUSR2 writes no file/)

      await reload(agent, config({root: 'instance two', global: 'vrrp_process_name other\n vrrp_priority 5'}))
      const renamed = async (): Promise<boolean> => (await child(host, 'vrrp')).facts.startsWith('other ')
      await eventually('the new name', renamed)
      expect((await child(host, 'vrrp')).facts).toMatch(/ 5$/)
      expect(await holdsIn(host)).toBe(true)
      await stopGracefully(agent)
    })
  })

  it('take a new configuration at the time in reload_time_file', async () => {
    await withLab(async lab => {
      const host = await lab.host('one')
      await prepare(host)
      const global = 'reload_time_file /run/when'
      const agent = await startAgent(host, {config: config({global})})
      host.writeFile(CONFIG_FILE, config({global: `${global}\n router_id renamed`}))
      host.writeFile('/run/when', `${new Date(Date.now() + 4_000).toISOString().slice(11, 19)}Z`)
      await eventually('the reload', async () => (await status(host)).node === 'renamed')
      expect(host.hasFile('/run/when')).toBe(false)
      await stopGracefully(agent)
    })
  })
})
