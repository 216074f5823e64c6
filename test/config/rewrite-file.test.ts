import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {readForRewriting, rewriteFile} from '../../src/config/rewrite-file.ts'
import {temporaryDirectory} from '../control/temporary.ts'

test('a file gets another text, and nothing stays beside it', () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'a.conf')
  writeFileSync(path, 'before')
  rewriteFile(path, 'after')
  expect(readFileSync(path, 'utf8')).toBe('after')
  expect(readdirSync(directory)).toEqual(['a.conf'])
})

test('what cannot be written stays as it was, and the error says so', () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'a.conf')
  writeFileSync(path, 'before')
  mkdirSync(`${path}.hactl-${process.pid}`)
  expect(() => rewriteFile(path, 'after')).toThrow(`${path} stays as it was: EEXIST`)
  expect(readFileSync(path, 'utf8')).toBe('before')
})

test.each<[string, Buffer, RegExp | undefined]>([
  ['text', Buffer.from('a "ä"\n'), undefined],
  ['a byte order mark', Buffer.from('\ufeffa\n'), undefined],
  ['Latin-1', Buffer.from([0x61, 0xe4, 0x0a]), /is not text in UTF-8/],
  ['UTF-16', Buffer.from('a\n', 'utf16le').subarray(0, 3), undefined],
])('%s is read for rewriting only as far as it is UTF-8', (_, bytes, message) => {
  const path = join(temporaryDirectory(), 'a.conf')
  writeFileSync(path, bytes)
  if (message) expect(() => readForRewriting(path)).toThrow(message)
  else expect(Buffer.from(readForRewriting(path))).toEqual(bytes)
})
