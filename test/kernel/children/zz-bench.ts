import {spawn} from 'node:child_process'
import {AddressChanger} from '../../../src/kernel/addresses.ts'
import {Network} from '../../../src/kernel/network.ts'
import {SharpTimer} from '../../../src/kernel/sharp-timer.ts'
import {monotonicNow} from '../../../src/kernel/clock.ts'
import {after} from '../../../src/core/units.ts'
import {encodeMessage} from '../../../src/core/netlink/message.ts'
import {encodeAddress} from '../../../src/core/netlink/address.ts'
import {socket, sendTo, receiveNow} from '../../../src/kernel/libc.ts'
import {indexOf, ip, report, sleep} from './tools.ts'
const sum = (v: number[]) => { v.sort((a, b) => a - b); const q = (p: number) => +(v[Math.floor((v.length - 1) * p)] ?? 0).toFixed(3); return {n: v.length, p50: q(.5), p99: q(.99), max: q(1)} }
async function main() {
  const out: Record<string, unknown> = {}
  const c = AddressChanger.open(); const index = indexOf('ha0')
  const vip = {index, address: '192.0.2.77' as never, prefixLength: 24}
  const lat: number[] = []
  for (let i = 0; i < 2000; i++) { const t = monotonicNow(); await c.add(vip); lat.push(monotonicNow() - t); await c.remove(vip) }
  out.addMs = sum(lat)
  const many = Array.from({length: 250}, (_, i) => ({index, address: `198.51.100.${i}` as never, prefixLength: 32}))
  const batch: number[] = []
  for (let i = 0; i < 20; i++) { const t = monotonicNow(); await Promise.all(many.map(s => c.add(s))); batch.push(monotonicNow() - t); await Promise.all(many.map(s => c.remove(s))) }
  out.add250Ms = sum(batch)
  // RTNL held by others
  const churn = spawn('sh', ['-c', 'while :; do ip link add z0 type veth peer name z1; ip link del z0; done'], {stdio: 'ignore'})
  const gaps: number[] = []; let last = monotonicNow(); const tick = setInterval(() => { const n = monotonicNow(); gaps.push(n - last); last = n }, 5)
  await sleep(200); const cont: number[] = []
  const end = monotonicNow() + 4000
  while (monotonicNow() < end) { const t = monotonicNow(); await c.add(vip); cont.push(monotonicNow() - t); await c.remove(vip); await sleep(3) }
  out.contendedAddMs = sum(cont); out.contendedTick5 = sum(gaps.slice())
  gaps.length = 0
  const s = socket(16, 3, 0); const fd = s.ok ? s.value : -1; const buf = Buffer.alloc(8192); const sync: number[] = []
  const end2 = monotonicNow() + 4000
  while (monotonicNow() < end2) { for (const type of [20, 21]) { const t = monotonicNow(); sendTo(fd, encodeMessage({type, flags: type === 20 ? 0x605 : 5, sequence: 1, port: 0, body: encodeAddress({family: 2, prefixLength: 24, flags: 0, scope: 0, index, values: {address: vip.address, local: vip.address}, unknown: []})}), Buffer.alloc(0)); receiveNow(fd, buf); if (type === 20) sync.push(monotonicNow() - t) } await sleep(3) }
  out.contendedSyncAddMs = sum(sync); out.contendedSyncTick5 = sum(gaps.slice())
  clearInterval(tick); churn.kill('SIGKILL')
  await sleep(300)
  for (const period of [10, 100]) {
    const late: number[] = []; const N = period === 10 ? 600 : 80; const cpu = process.cpuUsage(); const t0 = monotonicNow()
    await new Promise<void>(done => { let due = after(monotonicNow(), period); const t = new SharpTimer(() => { late.push((monotonicNow() - due) * 1000); if (late.length === N) { t.close(); done() } else { due = after(monotonicNow(), period); t.arm(due) } }); t.arm(due) })
    const used = process.cpuUsage(cpu); out[`timer${period}us`] = {...sum(late), cpuPercent: +((used.user + used.system) / 10 / (monotonicNow() - t0)).toFixed(2)}
  }
  const n = await Network.open({onChange() {}, onError() {}}); 
  const seen: number[] = []
  for (let i = 0; i < 300; i++) { const t = monotonicNow(); void c.add(vip); while (!n.addressesOf(index).some(a => a.address === vip.address)) await new Promise(r => setImmediate(r)); seen.push(monotonicNow() - t); await c.remove(vip); while (n.addressesOf(index).some(a => a.address === vip.address)) await new Promise(r => setImmediate(r)) }
  out.addUntilSeenMs = sum(seen)
  report(out)
}
void main()
