import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {
  ConfigSaver,
  pidFileOf,
  removeReloadFile,
  whileReloadFile,
  writeCheckLog,
} from '../../../src/agent/supervisor/process-files.ts'
import {loadText} from '../../../src/config/load.ts'

let directory: string
let told: string[]
const tell = (text: string): unknown => told.push(text)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-process-files-'))
  told = []
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

test.each([
  ['/run/hactl/agent.sock', undefined, '/run/hactl/agent.pid'],
  ['/run/hactl/agent.sock', 'blue', '/run/hactl/agent_blue.pid'],
  ['/tmp/a/second', 'a/b', '/tmp/a/second_a_b.pid'],
])('the pid file of %s and instance %s is %s', (socket, instanceName, path) => {
  expect(pidFileOf(socket, {instanceName})).toBe(path)
})

// keepalived.conf(5), reload_file
test('reload_file is empty while the configuration is read, and gone after it', () => {
  const path = join(directory, 'busy')
  writeFileSync(path, 'an update is under way')
  const seen = whileReloadFile(path, () => readFileSync(path, 'utf8'), tell)
  expect([seen, existsSync(path)]).toEqual(['', false])
  expect(whileReloadFile(path, () => existsSync(path), tell)).toBe(true)
  expect(() => whileReloadFile(path, () => JSON.parse('{'), tell)).toThrow()
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, '')
  removeReloadFile(path, tell)
  expect(existsSync(path)).toBe(false)
  expect(told).toEqual([])
})

test('a link in the place of reload_file is not followed, and the configuration is read all the same', () => {
  const victim = join(directory, 'victim')
  writeFileSync(victim, 'kept')
  symlinkSync(victim, join(directory, 'busy'))
  expect(whileReloadFile(join(directory, 'busy'), () => 'read', tell)).toBe('read')
  expect(readFileSync(victim, 'utf8')).toBe('kept')
  expect(told.join()).toContain('ELOOP')
})

// keepalived 2.2.7, measured: "(FILE: Line N) TEXT", mode 0600, empty after a reload that was taken.
test('reload_check_config names every error by its line, and is empty when there is none', () => {
  const path = join(directory, 'check.log')
  const wrong = loadText('/x/k.conf', 'vrrp_instance W {\n interface eth0\n advert_int x\n}')
  writeCheckLog(path, wrong.diagnostics, tell)
  const errors = wrong.diagnostics.filter(({severity}) => severity === 'error')
  expect(errors.length).toBeGreaterThan(0)
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(errors.length)
  expect(readFileSync(path, 'utf8')).toMatch(/^\(\/x\/k\.conf: Line 3\) /m)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  writeCheckLog(path, loadText('/x/k.conf', '').diagnostics, tell)
  expect(readFileSync(path, 'utf8')).toBe('')
  writeCheckLog(true, wrong.diagnostics, tell)
  writeCheckLog(undefined, wrong.diagnostics, tell)
  expect(told).toEqual([])
})

test('config_save_dir holds each configuration that was loaded, for its owner alone, and not without end', () => {
  const save = join(directory, 'save')
  const {config} = loadText('x', `global_defs {\n config_save_dir ${save}\n router_id somebody\n}`)
  const saver = new ConfigSaver()
  for (let n = 0; n < 103; n++) saver.save(config, tell)
  const names = readdirSync(save)
  expect(names).toHaveLength(100)
  expect(names).not.toContain(`hactl.conf.${process.pid}.2`)
  const last = join(save, `hactl.conf.${process.pid}.102`)
  expect(readFileSync(last, 'utf8')).toContain('router_id somebody')
  expect([statSync(save).mode & 0o777, statSync(last).mode & 0o777]).toEqual([0o700, 0o600])
  expect(told).toEqual([])
})
