import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {Trials, takeBackOverdue} from '../../../src/agent/supervisor/trials.ts'
import type {LoadedConfig} from '../../../src/config/config.ts'
import {describeChanges} from '../../../src/config/diff.ts'
import {loadConfig} from '../../../src/config/load.ts'
import {HactlError} from '../../../src/errors.ts'

const SECRET = 'pass1234'

const config = (priority: number, more = ''): string => `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  authentication {
    auth_type PASS
    auth_pass ${SECRET}
  }
  virtual_ipaddress {
    10.0.0.100/24
  }
  ${more}
}
`

let directory: string
let file: string
let state: string

/** A supervisor's part in it: a file that is read, and what runs. */
class Runner {
  readonly told: string[] = []
  reloads = 0
  /** What a reload throws once. */
  failure: Error | undefined
  loaded: LoadedConfig
  readonly trials: Trials

  constructor() {
    this.loaded = loadConfig(file)
    this.trials = new Trials({
      configFile: file,
      stateDirectory: state,
      config: () => this.loaded.config,
      texts: () => this.loaded.texts,
      reload: async () => {
        this.reloads++
        const {failure, loaded: before} = this
        this.failure = undefined
        this.loaded = loadConfig(file)
        if (failure) throw failure
        return {applied: true, diagnostics: [], changes: describeChanges(before.config, this.loaded.config)}
      },
      note: text => this.told.push(text),
    })
  }

  get priority(): number | undefined {
    return this.loaded.config.instances[0]?.priority
  }
}

/** What a killed agent does next: it starts anew. */
function started(): Runner {
  const recovered = takeBackOverdue(state, Date.now())
  const runner = new Runner()
  runner.trials.start(recovered)
  return runner
}

const text = (): string => readFileSync(file, 'utf8')
const failing = async (work: Promise<unknown> | (() => unknown)): Promise<HactlError> => {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof HactlError) return error
    throw error
  }
  throw new Error('it did not fail')
}

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date']})
  directory = mkdtempSync(join(tmpdir(), 'hactl-trials-'))
  file = join(directory, 'hactl.conf')
  state = join(directory, 'state')
  mkdirSync(state)
  writeFileSync(file, config(100), {mode: 0o640})
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(directory, {recursive: true, force: true})
})

describe('a configuration on trial', () => {
  it('runs from the file, and what was there before is kept for root alone until it is confirmed', async () => {
    const runner = started()
    const {trials, told} = runner
    const reply = await trials.apply({text: config(150), confirmWithinSeconds: 60})
    expect(reply).toMatchObject({applied: true, refused: null, changes: ['vrrp_instance VI_1: priority 100 -> 150']})
    expect(text()).toBe(config(150))
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(runner.priority).toBe(150)
    expect(readFileSync(join(state, 'trial.conf'), 'utf8')).toBe(config(100))
    for (const name of ['trial.conf', 'trial.json']) expect(statSync(join(state, name)).mode & 0o777).toBe(0o600)
    expect(trials.current).toEqual(reply.trial)
    expect(Date.parse(reply.trial?.until ?? '') - Date.now()).toBe(60_000)
    expect((await failing(() => trials.confirm('other'))).code).toBe('NOT_FOUND')
    trials.confirm(reply.trial?.id)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(text()).toBe(config(150))
    expect(readdirSync(state)).toEqual([])
    expect(trials.current).toBeNull()
    expect(told.join('\n')).not.toContain(SECRET)
  })

  it('is taken back when nobody confirms it in time', async () => {
    const runner = started()
    const {trial} = await runner.trials.apply({text: config(150), confirmWithinSeconds: 60})
    await vi.advanceTimersByTimeAsync(59_900)
    expect([text(), runner.priority]).toEqual([config(150), 150])
    await vi.advanceTimersByTimeAsync(200)
    expect([text(), runner.priority]).toEqual([config(100), 100])
    expect(runner.told.at(-1)).toBe('the configuration on trial was taken back: nobody confirmed it within 60 s')
    expect((await failing(() => runner.trials.confirm(trial?.id))).code).toBe('NOT_FOUND')
    expect(readdirSync(state)).toEqual([])
  })

  it('is taken back when somebody asks for it, and tells what that changes', async () => {
    const {trials} = started()
    const {trial} = await trials.apply({text: config(150), confirmWithinSeconds: 60})
    const end = await trials.rollback(trial?.id)
    expect(end).toEqual({id: trial?.id, changes: ['vrrp_instance VI_1: priority 150 -> 100'], keptAs: null})
    expect(text()).toBe(config(100))
  })

  it('stays for good where no time is said', async () => {
    const runner = started()
    expect((await runner.trials.apply({text: config(150)})).trial).toBeNull()
    await vi.advanceTimersByTimeAsync(100_000_000)
    expect([text(), runner.priority, readdirSync(state).length]).toEqual([config(150), 150, 0])
  })

  it('does not begin while another one is under way', async () => {
    const {trials} = started()
    await trials.apply({text: config(150), confirmWithinSeconds: 60})
    expect((await failing(trials.apply({text: config(160), confirmWithinSeconds: 60}))).code).toBe('REFUSED')
    expect(text()).toBe(config(150))
  })

  it('does not lose what somebody writes into the file meanwhile, and is taken back all the same', async () => {
    const runner = started()
    const {trial} = await runner.trials.apply({text: config(150), confirmWithinSeconds: 60})
    writeFileSync(file, config(151))
    await vi.advanceTimersByTimeAsync(60_000)
    expect([text(), runner.priority]).toEqual([config(100), 100])
    const kept = `${file}.edited-${trial?.id}`
    expect(readFileSync(kept, 'utf8')).toBe(config(151))
    expect(runner.told.at(-1)).toContain(`that is kept as ${kept}`)
  })

  it('is taken back also when somebody has removed the file', async () => {
    const {trials} = started()
    await trials.apply({text: config(150), confirmWithinSeconds: 60})
    rmSync(file)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(text()).toBe(config(100))
    expect(statSync(file).mode & 0o777).toBe(0o640)
  })

  it('is tried again to be taken back when the disk refuses, and told once', async () => {
    const runner = started()
    await runner.trials.apply({text: config(150), confirmWithinSeconds: 60})
    renameSync(join(state, 'trial.conf'), join(state, 'away'))
    await vi.advanceTimersByTimeAsync(95_000)
    expect(text()).toBe(config(150))
    expect(runner.told.filter(line => line.includes('could not be taken back'))).toHaveLength(1)
    renameSync(join(state, 'away'), join(state, 'trial.conf'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect([text(), runner.priority]).toEqual([config(100), 100])
  })
})

describe('an agent that was killed during a trial', () => {
  it('takes it back before it reads the configuration when its time is over', async () => {
    const first = started()
    await first.trials.apply({text: config(150), confirmWithinSeconds: 60})
    first.trials.stop()
    vi.setSystemTime(Date.now() + 61_000)
    const second = started()
    expect([second.priority, second.trials.current, text()]).toEqual([100, null, config(100)])
    expect(second.told[0]).toContain('taken back at the start: nobody confirmed it until')
  })

  it('goes on with it when its time is not over, and takes it back then', async () => {
    const first = started()
    const {trial} = await first.trials.apply({text: config(150), confirmWithinSeconds: 60})
    first.trials.stop()
    vi.setSystemTime(Date.now() + 40_000)
    const second = started()
    expect([second.priority, second.trials.current]).toEqual([150, trial])
    await vi.advanceTimersByTimeAsync(19_000)
    expect(second.priority).toBe(150)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(second.priority).toBe(100)
  })

  it('does not give it more time when the clock was set back', async () => {
    const first = started()
    await first.trials.apply({text: config(150), confirmWithinSeconds: 60})
    first.trials.stop()
    vi.setSystemTime(Date.now() - 86_400_000)
    const second = started()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(second.priority).toBe(100)
  })

  it('has no trial when it died before the file was changed, or after it was put back', async () => {
    const first = started()
    await first.trials.apply({text: config(150), confirmWithinSeconds: 60})
    first.trials.stop()
    writeFileSync(file, config(100))
    const second = started()
    expect([second.trials.current, readdirSync(state)]).toEqual([null, []])
  })

  it.each([
    ['no JSON', '{'],
    ['something else', '[{"id": 1}]'],
  ])('starts with what there is when its file is %s', (_, damage) => {
    writeFileSync(join(state, 'trial.json'), damage)
    const {trials, told, priority} = started()
    expect(trials.current).toBeNull()
    expect(told.join()).toContain('no configuration is taken back')
    expect(priority).toBe(100)
  })
})

describe('a configuration that cannot be put to work', () => {
  it.each([
    ['errors', {text: config(100, 'virtual_router_id 300')}, /^it has \d+ errors?, the first at /],
    ['what needs a restart', {text: `net_namespace blue\n${config(100)}`}, /^net_namespace cannot change/],
  ])('changes nothing for %s', async (_, application, why) => {
    const runner = started()
    const reply = await runner.trials.apply({...application, confirmWithinSeconds: 60})
    expect(reply).toMatchObject({applied: false, trial: null, refused: expect.stringMatching(why)})
    expect([text(), runner.reloads, readdirSync(state)]).toEqual([config(100), 0, []])
  })

  it.each([
    ['nothing', ' \n', 'USAGE'],
    ['an include', `include more.conf\n${config(150)}`, 'USAGE'],
  ] as const)('is refused for %s', async (_, given, code) => {
    const {trials} = started()
    expect((await failing(trials.apply({text: given, confirmWithinSeconds: 60}))).code).toBe(code)
    expect([text(), readdirSync(state)]).toEqual([config(100), []])
  })

  it('is refused while the file is not what runs, unless it is forced', async () => {
    const {trials} = started()
    writeFileSync(file, config(101))
    expect((await failing(trials.apply({text: config(150), confirmWithinSeconds: 60}))).code).toBe('REFUSED')
    expect((await trials.apply({text: config(150), confirmWithinSeconds: 60, force: true})).applied).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(text()).toBe(config(101))
  })

  it('is taken back at once when the reload fails', async () => {
    const runner = started()
    runner.failure = new HactlError('TIMED_OUT', 'the vrrp process did not take the configuration')
    expect((await failing(runner.trials.apply({text: config(150), confirmWithinSeconds: 60}))).code).toBe('TIMED_OUT')
    expect([text(), runner.priority, readdirSync(state), runner.trials.current]).toEqual([config(100), 100, [], null])
  })

  it('changes nothing when what there is cannot be kept', async () => {
    const {trials} = started()
    rmSync(state, {recursive: true})
    const error = await failing(trials.apply({text: config(150), confirmWithinSeconds: 60}))
    expect([error.code, error.hint, text()]).toEqual(['FAILED', 'nothing was changed', config(100)])
    expect(trials.current).toBeNull()
  })

  it('keeps bytes that are no text as they are', async () => {
    const {trials} = started()
    const bytes = Buffer.concat([Buffer.from(config(100)), Buffer.from([0x23, 0xff, 0xfe, 0x0a])])
    writeFileSync(file, bytes)
    chmodSync(file, 0o600)
    await trials.apply({text: config(150), confirmWithinSeconds: 60, force: true})
    await vi.advanceTimersByTimeAsync(60_000)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(existsSync(`${file}.hactl-${process.pid}`)).toBe(false)
  })
})
