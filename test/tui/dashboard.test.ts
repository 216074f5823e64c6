import {afterEach, describe, expect, test} from 'vitest'
import {VIEW_IDS} from '../../src/tui/model.ts'
import {largePicture, quietPicture, troubledPicture} from './pictures.ts'
import {type Shown, type ShowOptions, show} from './show.ts'

const open: Shown[] = []

async function dashboard(picture = troubledPicture(), options: ShowOptions = {}): Promise<Shown> {
  const shown = await show(picture, options)
  open.push(shown)
  return shown
}

afterEach(() => {
  for (const shown of open.splice(0)) shown.close()
})

const ESC = '\u001b'
const WIDE = {columns: 160, rows: 50}

describe('the overview', () => {
  test('shows a cluster in trouble on 80x24', async () => {
    const {lines} = await dashboard()
    expect(
      lines()
        .slice(0, 13)
        .map(line => line.trimEnd()),
    ).toEqual([
      expect.stringMatching(
        /^■ 2 CRITICAL {2}\? 2 UNKNOWN {2}▲ \d WARNING {2}2 of 3 nodes LIVE {2}lb3 \? .*\d\d:00:00$/,
      ),
      '[1 overview] 2 services  3 checks  4 events  5 peers  6 agent        problem 1/6',
      '■ CRITICAL SPLIT BRAIN: VI_2 is held by lb1 and lb2',
      '■ CRITICAL no holder of VI_3: lb1 is in fault (eth1 is down), lb2 has not begun',
      expect.stringMatching(/^\? UNKNOWN /),
      expect.stringMatching(/^ {2}and \d more$/),
      '  ROUTER      ❯lb1           lb2            lb3            HOLDER       SINCE',
      '❯ nodes       ✓ LIVE         ✓ LIVE         ? UNKNOWN',
      '  VI_2        ● MASTER 110   ● MASTER 110   ·              SPLIT BRAIN  1 h',
      '  VI_3        ✗ FAULT 110    ◌ INIT 110     ·              NONE         1 h',
      '  VI_5        ·              ·              ? UNKNOWN      UNKNOWN      -',
      '  VI_4        ○ BACKUP held  ● MASTER 110   ·              lb2          1 h',
      '  VI_1        ● MASTER 110   ○ BACKUP 90    ? UNKNOWN      lb1          1 min',
    ])
    expect(lines().at(-1)).toMatch(/^\? help {2}q quit /)
  })

  test('uses 160x50: VRID, addresses, the last cause, more problems, how long a node is silent', async () => {
    const {line, lines} = await dashboard(troubledPicture(), WIDE)
    expect(line('ROUTER')).toMatch(/ROUTER +VRID +❯lb1 +lb2 +lb3 +HOLDER +SINCE +ADDRESSES +LAST CHANGE/)
    expect(line('nodes  ')).toMatch(/✓ LIVE +✓ LIVE +\? UNKNOWN 23 s +lb3: connection refused/)
    expect(line('  VI_1 ')).toMatch(/51 +● MASTER 110 +○ BACKUP 90 +\? UNKNOWN +lb1 +1 min +10\.0\.0\.51 +lb1: no adv/)
    expect(line('  VI_4 ')).toContain('○ BACKUP 110 held')
    expect(lines().filter(text => /^[■?▲] (CRITICAL|UNKNOWN|WARNING) /.test(text)).length).toBeGreaterThanOrEqual(6)
  })

  test('says that all is well only where it is, and nothing of nodes that have said nothing', async () => {
    const {line, show: change} = await dashboard(quietPicture())
    expect(line('lb1 ✓ LIVE')).toContain('✓ OK')
    const {nodes} = quietPicture()
    await change({
      ...quietPicture(),
      nodes: nodes.map(node => ({...node, state: 'connecting' as const, isWhole: false})),
    })
    expect(line('lb1 ◌ CONNECTING')).not.toContain('OK')
  })

  test('shows nothing of a silent node as if it were so', async () => {
    const {lines} = await dashboard()
    const column =
      lines()
        .find(line => line.includes('ROUTER'))
        ?.indexOf('lb3') ?? -1
    const cells = lines()
      .slice(7, 13)
      .map(line => line.slice(column, column + 13).trim())
    expect(cells).toEqual(['? UNKNOWN', '·', '·', '? UNKNOWN', '·', '? UNKNOWN'])
  })
})

describe('a screen', () => {
  const sizes = [
    {columns: 80, rows: 24},
    {columns: 200, rows: 60},
    {columns: 40, rows: 10},
    {columns: 20, rows: 3},
  ]

  test.each(sizes)(
    'of $columns x $rows is filled to its last line and never wider, in every view and page',
    async size => {
      const {type, lines} = await dashboard(troubledPicture(), size)
      for (const key of ['1', '2', '3', '4', '5', '6', '?', ESC, '1', 'j', '\r']) {
        await type(key)
        expect(lines()).toHaveLength(size.rows)
        for (const line of lines()) expect([...line].length).toBeLessThanOrEqual(size.columns)
      }
    },
  )

  test('follows the terminal to another size', async () => {
    const {resize, lines, line} = await dashboard()
    await resize(WIDE)
    expect(lines()).toHaveLength(50)
    expect(line('ROUTER')).toContain('LAST CHANGE')
    await resize({columns: 80, rows: 24})
    expect(lines()).toHaveLength(24)
    expect(line('ROUTER')).not.toContain('LAST CHANGE')
  })

  test('draws everything for a terminal that says it has another size, and has the same', async () => {
    const {resize, frames} = await dashboard()
    const before = frames()
    await resize({columns: 80, rows: 24})
    expect(frames()).toBeGreaterThan(before)
  })

  test('without UTF-8 is pure ASCII, and every state has its word', async () => {
    const {type, lines} = await dashboard(troubledPicture(), {isAscii: true})
    for (const key of ['1', '2', '3', '4', '5', '6', '?']) {
      await type(key)
      expect(lines().join('')).toMatch(/^[\x20-\x7e]*$/)
    }
    await type(ESC, '1')
    expect(lines().join('\n')).toMatch(/\* MASTER 110/)
  })

  test('never shows what a node sent as control characters', async () => {
    const hostile = troubledPicture()
    const routers = hostile.routers.map(router => ({...router, name: `${ESC}[2J${router.name}\u202e\n`}))
    const {lines} = await dashboard({...hostile, routers})
    expect(lines()).toHaveLength(24)
    expect(lines().join('\n')).toContain('?[2JVI_1??')
    for (const character of [ESC, '\u202e']) expect(lines().join('')).not.toContain(character)
  })
})

describe('keys', () => {
  test('go through the views, by digit and by Tab', async () => {
    const {type, line} = await dashboard()
    for (const [at, id] of VIEW_IDS.entries()) {
      await type(String(at + 1))
      expect(line('1 overview')).toContain(`[${at + 1} ${id}]`)
    }
    await type('\t')
    expect(line('1 overview')).toContain('[1 overview]')
    await type(`${ESC}[Z`)
    expect(line('1 overview')).toContain('[6 agent]')
  })

  test('move the cursor, which stays on its row when the order differs', async () => {
    const {type, line, lines} = await dashboard()
    await type('j', `${ESC}[B`)
    expect(line('VI_3 ')).toBeDefined()
    expect(lines().find(text => text.startsWith('❯'))).toContain('VI_3')
    await type('s')
    expect(line('1 overview')).toMatch(/name 4\/6$/)
    expect(lines().find(text => text.startsWith('❯'))).toContain('VI_3')
    await type('G')
    expect(lines().find(text => text.startsWith('❯'))).toContain('VI_5')
    await type('g')
    expect(lines().find(text => text.startsWith('❯'))).toContain('nodes')
  })

  test('are read one by one where many come at once', async () => {
    const {type, lines} = await dashboard()
    await type('jjj')
    expect(lines().find(text => text.startsWith('❯'))).toContain('VI_5')
  })

  test('scroll a long list, with the cursor always on the screen', async () => {
    const {type, lines, line} = await dashboard(largePicture(255, 0, 0))
    const chosen = (): string => lines().find(text => text.startsWith('❯')) ?? ''
    await type('G')
    expect(chosen()).toContain('VI_255')
    await type(`${ESC}[5~`)
    expect(chosen()).not.toBe('')
    await type('/', 'v', 'i', '_', '1', '7', '\r')
    expect(line('1 overview')).toMatch(/problem 18\/256$/)
    await type('n')
    expect(chosen()).toContain('VI_170')
    await type('N')
    expect(chosen()).toContain('VI_17 ')
  })

  test('filter while it is typed; Esc takes the filter away and keeps the row', async () => {
    const {type, lines, line} = await dashboard()
    await type('f', 'v', 'i', '_', '4')
    expect(line('filter:')).toBe('filter: vi_4_')
    expect(lines().filter(text => /VI_\d +[●○✗◌·]/.test(text))).toHaveLength(1)
    await type('\r')
    expect(line('1 overview')).toContain('"vi_4" problem 1/1')
    await type(ESC)
    expect(line('1 overview')).toContain('5/6')
    expect(lines().find(text => text.startsWith('❯'))).toContain('VI_4')
  })

  test('hold the screen still, and let it go on', async () => {
    const {type, show: change, lines} = await dashboard()
    await type(' ')
    await change(quietPicture())
    expect(lines()[0]).toContain('PAUSED')
    expect(lines().join('\n')).toContain('SPLIT BRAIN')
    await type(' ')
    expect(lines().join('\n')).not.toMatch(/PAUSED|SPLIT BRAIN/)
  })

  test('draw nothing where nothing differs', async () => {
    const {type, frames} = await dashboard()
    const before = frames()
    await type('Y', 'x')
    expect(frames()).toBe(before)
    await type('j')
    expect(frames()).toBeGreaterThan(before)
  })

  test('of orders are refused where it is read-only', async () => {
    const {type, lines} = await dashboard(troubledPicture(), {readonly: true})
    expect(lines()[0]).toContain('READ-ONLY')
    await type('T')
    expect(lines().at(-1)).toBe('read-only: no orders from here')
    await type(':', ...'vrrp release VI_1', '\r')
    expect(lines().at(-1)).toBe('read-only: only commands that read')
  })

  test('q and Ctrl-C leave; on a page q goes back', async () => {
    const {type, hasQuit} = await dashboard()
    await type('?', 'q')
    expect(hasQuit()).toBe(false)
    await type('q')
    expect(hasQuit()).toBe(true)
    const other = await dashboard()
    await other.type(':', '\u0003')
    expect(other.hasQuit()).toBe(true)
  })
})

describe('pages', () => {
  test('tell everything of a virtual router, node by node, and why', async () => {
    const {type, lines, line} = await dashboard(troubledPicture(), {columns: 120, rows: 60})
    await type('/', ...'vi_1', '\r', '\r')
    expect(line('── ')).toContain('virtual router VI_1')
    expect(line('holder  ')).toContain('lb1 for 1 min 5 s')
    expect(line('because  ')).toContain('no advertisement from 10.0.0.2 for 3609 ms')
    expect(lines().join('\n')).toMatch(/lb3 {2}\? UNKNOWN\n {2}what it said last, as of 23 s ago: backup/)
    await type(ESC)
    expect(line('1 overview')).toMatch(/problem {1,2}6\/6|6 of 6/)
  })

  test('tell what led to a record, at the time of the record', async () => {
    const {type, lines, line} = await dashboard(troubledPicture(), WIDE)
    await type('4')
    // The clock of lb2 is 1.5 s ahead: by the clock here it spoke second.
    const [newest, second] = lines().filter(text => /transition/.test(text))
    expect(newest).toMatch(/lb2 .*master -> backup/)
    expect(second).toMatch(/lb1 .*backup -> master/)
    await type('j', '\r')
    expect(line('there  ')).toBeDefined()
    expect(lines().join('\n')).toMatch(/what led to the state of VI_1 then\n.*init -> backup.*\n.*backup -> master/)
  })

  test('compare the agents, and mark what differs', async () => {
    const {type, line} = await dashboard(troubledPicture(), WIDE)
    await type('6')
    expect(line('version')).toMatch(/▲ version +0\.1\.0 +0\.2\.0 +\? UNKNOWN/)
    expect(line('shared hash')).toMatch(/▲ shared hash/)
    expect(line('on disk')).toMatch(/same as loaded +changed/)
    expect(line('vrrp lag')).toMatch(/1\.5 ms p99/)
  })

  test('tell of a router that was heard', async () => {
    const {type, line} = await dashboard(troubledPicture(), WIDE)
    await type('5')
    expect(line('❯ lb1')).toMatch(/VI_1 +10\.0\.0\.2 +▲ REJECTED +90 +1 s +3600 +0 s ago, wrong-password 3/)
    await type('\r')
    expect(line('which is')).toContain('lb2')
  })
})
