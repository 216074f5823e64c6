import {it} from 'vitest'
import {execSync} from 'node:child_process'
import {withLab} from '../lab.ts'
import {startNginx} from '../nginx.ts'
it('z', {timeout: 60000}, async () => {
  let t = 0
  await withLab(async lab => {
    const h = await lab.host('a')
    const n = await startNginx(h)
    console.log((await h.run(['sh', '-c', 'grep SigIgn /proc/1/status; cat /proc/1/comm; grep -sx nginx /proc/[0-9]*/comm; ps axo pid,ppid,stat,comm'])).stdout)
    await n.crash()
    console.log((await h.run(['sh', '-c', 'grep -sx nginx /proc/[0-9]*/comm; ps axo pid,ppid,stat,comm'])).stdout)
    console.log(execSync('ps axo pid,ppid,stat,comm | grep -E "nsenter|unshare|nginx|cat"').toString())
    t = Date.now()
  })
  console.log('close', Date.now() - t)
})
