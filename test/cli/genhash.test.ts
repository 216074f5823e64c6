import {expect, test} from 'vitest'
import {readGenhash} from '../../src/cli/genhash.ts'

const BASE = '-s 10.0.0.1 -p 8080 -u /health'
const read = (line: string) => readGenhash(line.split(' ').filter(word => word !== ''))

test('the options of genhash(1) make a probe of one page', () => {
  const line = '-SI -s 10.0.0.1 -p8443 --url=/a -V www.example.org -P 1.0C -m 7 --time 3 -v'
  expect(read(line)).toMatchObject({
    type: 'digest',
    verbose: true,
    plan: {
      connection: {address: '10.0.0.1', port: 8443, fwmark: 7, timeoutMs: 3_000},
      tls: {serverName: 'www.example.org'},
      protocol: '1.0C',
      pages: [{path: '/a', host: 'www.example.org'}],
    },
  })
})

// As genhash of keepalived 2.2.7 was seen to send it.
test.each([
  ['-s 10.0.0.1 -p 8080 -u /', '10.0.0.1:8080'],
  ['-s 10.0.0.1 -p 80 -u /', '10.0.0.1:80'],
  ['-S -s ::1 -p 443 -u /', '[::1]:443'],
  ['-s ::1 -p 81 -u /', '[::1]:81'],
])('%s says the host %s', (line, host) => {
  expect(read(line)).toMatchObject({plan: {pages: [{host}]}})
})

test('without -I no name is asked of TLS', () => {
  expect(read(`-S ${BASE} -V www.example.org`)).toMatchObject({plan: {tls: {serverName: undefined}}})
})

test.each([
  ['', ''],
  ['-s 10.0.0.1', ''],
  ['-s 10.0.0.1 -p 80', ''],
  ['-s', ''],
  ['--server', ''],
  ['-s web -p 80 -u /', 'server should be an IP, not web'],
  ['-s 10.0.0.1:80', 'server should be an IP, not 10.0.0.1:80'],
  ['-s 10.0.0.1 -p 99999 -u /', "invalid port number '99999'"],
  [`${BASE} -P 2.0`, "invalid HTTP protocol version '2.0'"],
  [`${BASE} -P constructor`, "invalid HTTP protocol version 'constructor'"],
  [`${BASE} -t abc`, "invalid timeout 'abc'"],
  [`${BASE} -m abc`, "invalid fwmark 'abc'"],
  [`${BASE} -x`, 'Unknown option -x'],
  [`${BASE} -vx`, 'Unknown option -x'],
  // More than one option begins with it.
  [`${BASE} --use`, 'Unknown option --use'],
  [`${BASE} --verbose=1`, 'Unknown option --verbose=1'],
  [`${BASE} extra -v words`, 'Unexpected argument(s): extra words'],
  [`${BASE} -- -v`, 'Unexpected argument(s): -v'],
  ['-s 10.0.0.1 -p 80 -u /ä', 'invalid url: blanks and other characters have to be written as %20 and so on'],
])('"%s" gets the usage', (line, why) => {
  expect(read(line)).toEqual({type: 'usage', why})
})

test('help is asked for by itself or beside anything', () => {
  expect(read('-h')).toEqual({type: 'help'})
  expect(read(`${BASE} --help`)).toEqual({type: 'help'})
})
