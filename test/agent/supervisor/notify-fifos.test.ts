import {execFileSync} from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {NotifyFifos} from '../../../src/agent/supervisor/notify-fifos.ts'
import type {GlobalConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

const LINE = 'INSTANCE "VI_1" MASTER 100\n'

let directory: string
let notes: {text: string; facts: {readonly [key: string]: unknown}}[]
let fifos: NotifyFifos
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-fifos-'))
  notes = []
  fifos = new NotifyFifos((_kind, text, facts) => notes.push({text, facts}))
})
afterEach(async () => {
  await fifos.close()
  rmSync(directory, {recursive: true})
})

const at = (name: string): string => join(directory, name)

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !condition(); i++) await new Promise(resolve => setTimeout(resolve, 10))
  expect(condition(), what).toBe(true)
}

/** `global_defs` with these lines; scripts run as whoever runs the tests. */
function settings(lines: string): GlobalConfig {
  const text = `global_defs {\nscript_user ${userInfo().username}\n${lines}\n}`
  const {config, diagnostics} = parseConfig({file: 'test.conf', text})
  expect(diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  return config.global
}

/** What is in a pipe, without waiting. */
function drain(name: string): string {
  const fd = openSync(at(name), constants.O_RDONLY | constants.O_NONBLOCK)
  const bytes = Buffer.alloc(1 << 20)
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes))
  } catch {
    return ''
  } finally {
    closeSync(fd)
  }
}

function script(name: string, body: string): string {
  writeFileSync(at(name), `#!/bin/sh\n${body}\n`, {mode: 0o755})
  return at(name)
}

describe('a pipe', () => {
  it('is made with few permissions, keeps lines until somebody reads, and goes at the end', async () => {
    fifos.configure(settings(`notify_fifo ${at('all')}\nvrrp_notify_fifo ${at('vrrp')}\nlvs_notify_fifo ${at('lvs')}`))
    expect(lstatSync(at('all')).isFIFO()).toBe(true)
    // Measured on keepalived 2.2.7: 0644 without its umask of 0177.
    expect(lstatSync(at('all')).mode & 0o777).toBe(0o600)
    fifos.write('vrrp', LINE)
    fifos.write('lvs', 'VS [192.0.2.1]:tcp:80 UP\n')
    expect(drain('all')).toBe(`${LINE}VS [192.0.2.1]:tcp:80 UP\n`)
    expect(drain('vrrp')).toBe(LINE)
    expect(drain('lvs')).toBe('VS [192.0.2.1]:tcp:80 UP\n')
    await fifos.close()
    expect(['all', 'vrrp', 'lvs'].map(name => existsSync(at(name)))).toEqual([false, false, false])
    expect(notes).toEqual([])
  })

  it.runIf(process.getuid?.() === 0)('belongs to whom the configuration names', () => {
    fifos.configure(settings(`umask 022\nnotify_fifo ${at('all')} nobody daemon`))
    const {uid, gid, mode} = lstatSync(at('all'))
    expect([uid, gid, mode & 0o777]).toEqual([65534, 1, 0o644])
  })

  it('that is there already is used as it is, and stays', async () => {
    execFileSync('mkfifo', ['-m', '640', at('all')])
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    fifos.write('vrrp', LINE)
    expect(drain('all')).toBe(LINE)
    await fifos.close()
    expect(lstatSync(at('all')).mode & 0o777).toBe(0o640)
  })

  it('is refused where something else has its name', async () => {
    writeFileSync(at('file'), 'mine')
    execFileSync('mkfifo', [at('real')])
    symlinkSync(at('real'), at('link'))
    fifos.configure(
      settings(`notify_fifo ${at('file')}\nvrrp_notify_fifo ${at('link')}\nlvs_notify_fifo ${at('no/such')}`),
    )
    fifos.write('vrrp', LINE)
    await fifos.close()
    expect(readFileSync(at('file'), 'utf8')).toBe('mine')
    expect(existsSync(at('link'))).toBe(true)
    expect(notes.map(({text}) => text)).toEqual([
      `notify_fifo ${at('file')}: it is there already, and no pipe`,
      `vrrp_notify_fifo ${at('link')}: it is there already, and no pipe`,
      expect.stringContaining('No such file or directory'),
    ])
  })

  it('that nobody reads loses the oldest lines beyond its bounds, says so once, and keeps the newest', async () => {
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    for (let n = 0; n < 100_000; n++) fifos.write('vrrp', `INSTANCE "VI_1" MASTER ${n}\n`)
    expect(notes).toHaveLength(1)
    expect(notes[0]?.text).toContain('nobody reads it')
    let read = ''
    await until('the newest line came', () => {
      read += drain('all')
      return read.includes('MASTER 99999\n')
    })
    const numbers = read
      .trim()
      .split('\n')
      .map(line => Number(line.split(' ')[3]))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(numbers.slice(-65_536)).toEqual(Array.from({length: 65_536}, (_, n) => 100_000 - 65_536 + n))
    await fifos.close()
    expect(notes[1]?.facts.lost).toBe(100_000 - numbers.length)
  })

  it('never lets what arrives from outside crowd out what waits', async () => {
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    for (let n = 0; n < 20_000; n++) fifos.write('vrrp', `INSTANCE "A" MASTER_RX_LOWER_PRI ${n}\n`, {expendable: true})
    fifos.write('vrrp', LINE)
    for (let n = 0; n < 5_000; n++) fifos.write('vrrp', `INSTANCE "A" MASTER_RX_LOWER_PRI ${n}\n`, {expendable: true})
    let read = ''
    await until('the change of state came', () => {
      read += drain('all')
      return read.endsWith(LINE)
    })
  })

  it('stays open over a reload that does not change it, and is another one over a reload that does', () => {
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    fifos.write('vrrp', LINE)
    const {ino} = lstatSync(at('all'))
    fifos.configure(settings(`notify_fifo ${at('all')}\nrouter_id other`))
    expect(lstatSync(at('all')).ino).toBe(ino)
    expect(drain('all')).toBe(LINE)
    fifos.write('vrrp', LINE)
    fifos.configure(settings(`notify_fifo ${at('all')}\numask 0137`))
    expect(lstatSync(at('all')).mode & 0o777).toBe(0o640)
    expect(drain('all')).toBe('')
    fifos.configure(settings(''))
    expect(existsSync(at('all'))).toBe(false)
  })

  it('is tried again at the next reload when it could not be opened', () => {
    writeFileSync(at('all'), '')
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    rmSync(at('all'))
    fifos.configure(settings(`notify_fifo ${at('all')}`))
    fifos.write('vrrp', LINE)
    expect(drain('all')).toBe(LINE)
  })

  it('that two keywords name is one', () => {
    fifos.configure(settings(`vrrp_notify_fifo ${at('one')}\nlvs_notify_fifo ${at('one')}`))
    fifos.write('vrrp', LINE)
    fifos.write('lvs', 'VS [192.0.2.1]:tcp:80 UP\n')
    expect(drain('one')).toBe(`${LINE}VS [192.0.2.1]:tcp:80 UP\n`)
  })
})

describe('the script of a pipe', () => {
  it('gets its path as the last word and reads all lines to the end', async () => {
    const reader = script('reader.sh', `echo "$@" > ${at('out')}\nexec cat "$3" >> ${at('out')}`)
    fifos.configure(settings(`notify_fifo ${at('all')}\nnotify_fifo_script "${reader} a 'b c'"`))
    fifos.write('vrrp', LINE)
    await until(
      'the first line was read',
      () => existsSync(at('out')) && readFileSync(at('out'), 'utf8').includes(LINE),
    )
    fifos.write('vrrp', 'INSTANCE "VI_1" STOP 100\n')
    await fifos.close()
    expect(readFileSync(at('out'), 'utf8')).toBe(`a b c ${at('all')}\n${LINE}INSTANCE "VI_1" STOP 100\n`)
    expect(notes).toEqual([])
  })

  // Measured on keepalived 2.2.7: kill(-PID, SIGTERM) at a reload and at the end.
  it('gets SIGTERM when it does not leave by itself', async () => {
    const reader = script(
      'reader.sh',
      `trap 'echo TERM > ${at('out')}; exit 0' TERM\ntouch ${at('up')}\nwhile :; do sleep 0.02; done`,
    )
    fifos.configure(settings(`notify_fifo ${at('all')}\nnotify_fifo_script ${reader}`))
    await until('it runs', () => existsSync(at('up')))
    await fifos.close()
    expect(readFileSync(at('out'), 'utf8')).toBe('TERM\n')
  })

  it('is started again when it failed, and not when it ended well', async () => {
    const reader = script('reader.sh', `echo x >> ${at('out')}\n[ $(wc -l < ${at('out')}) -gt 1 ]`)
    fifos.configure(settings(`notify_fifo ${at('all')}\nnotify_fifo_script ${reader}`))
    await until('it ended twice', () => notes.length === 2)
    expect(notes.map(({text}) => text)).toEqual([
      `notify_fifo_script ${reader}: exit status 1; it is started again in 1 s`,
      `notify_fifo_script ${reader}: exit status 0; a reload starts it again`,
    ])
  })

  it('keeps running over a reload that does not change it, and another one takes its place otherwise', async () => {
    const reader = script('reader.sh', `echo $$ >> ${at('out')}\nexec cat "$1" >/dev/null`)
    const pids = (): string[] => (existsSync(at('out')) ? readFileSync(at('out'), 'utf8').trim().split('\n') : [])
    const lines = `notify_fifo ${at('all')}\nnotify_fifo_script ${reader}`
    fifos.configure(settings(lines))
    await until('it runs', () => pids().length === 1)
    fifos.configure(settings(`${lines}\nrouter_id other`))
    fifos.configure(settings(`notify_fifo ${at('other')}\nnotify_fifo_script ${reader}`))
    await until('another one runs', () => pids().length === 2)
    const [first = '', second = ''] = pids()
    await until('the first one ended', () => !existsSync(`/proc/${first}`))
    expect(existsSync(`/proc/${second}`)).toBe(true)
  })
})
