import {appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Journal} from '../../../src/agent/supervisor/journal.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-journal-'))
})
afterEach(() => rmSync(directory, {recursive: true}))

const entry = (text: string): JournalEntry => ({at: new Date().toISOString(), kind: 'transition', text, facts: {}})

function reopened(): Journal {
  const journal = new Journal(directory, () => {})
  journal.open()
  return journal
}

describe('the journal', () => {
  it('numbers records over restarts and keeps them', () => {
    const first = reopened()
    expect(first.append(entry('a')).seq).toBe(1)
    expect(first.append(entry('b')).seq).toBe(2)
    first.close()
    const second = reopened()
    expect(second.records.map(({text}) => text)).toEqual(['a', 'b'])
    expect(second.append(entry('c')).seq).toBe(3)
    second.close()
  })

  it('reads around damage, sets the file aside and says so', () => {
    const first = reopened()
    first.append(entry('a'))
    first.close()
    appendFileSync(join(directory, 'journal.ndjson'), '{"seq":2,"at":"torn')
    const second = reopened()
    expect(second.records.map(({kind}) => kind)).toEqual(['transition', 'journal-damaged'])
    expect(second.records[1]?.text).toContain('1 damaged line and was set aside')
    expect(readdirSync(directory).sort()).toEqual(['journal.ndjson', 'journal.ndjson.damaged'])
    second.close()
    expect(reopened().records.map(({text}) => text)[0]).toBe('a')
  })

  it.each(['\0\0\0\0', '[]\nnull\n7\n{"seq":"x"}\n', '{"seq":1,"at":1,"kind":"x","text":"y","facts":{}}'])(
    'survives a file that holds %j',
    content => {
      writeFileSync(join(directory, 'journal.ndjson'), content)
      const journal = reopened()
      expect(journal.records.map(({kind}) => kind)).toEqual(['journal-damaged'])
      journal.close()
    },
  )

  it('stays below its size by setting one older file aside', () => {
    const journal = reopened()
    const long = 'x'.repeat(10_000)
    for (let i = 0; i < 1_000; i++) journal.append(entry(long))
    journal.close()
    expect(readdirSync(directory).sort()).toEqual(['journal.1.ndjson', 'journal.ndjson'])
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(4 * 1024 * 1024)
      for (const line of readFileSync(join(directory, name), 'utf8').trim().split('\n')) JSON.parse(line)
    }
    const again = reopened()
    expect(again.records.at(-1)?.seq).toBe(1_000)
    again.close()
  })

  it('goes on in memory when it cannot write', () => {
    const journal = new Journal(join(directory, 'absent'), () => {})
    journal.open()
    journal.append(entry('a'))
    expect(journal.records).toHaveLength(1)
    expect(journal.writeFailure).toContain('ENOENT')
    journal.close()
  })
})
