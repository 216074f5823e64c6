'use strict'
// Writes V8's code cache for the command line: runs the commands that are run most, against an agent that answers
// one thing, so that the functions which they use are in it. The build starts this.
const {rmSync, writeFileSync} = require('node:fs')
const {createServer} = require('node:net')
const {tmpdir} = require('node:os')
const {join} = require('node:path')

const socket = join(tmpdir(), `hactl-build-${process.pid}.sock`)
const ROUTER = {
  name: 'VI_1',
  interface: 'eth0',
  vrid: 1,
  version: 3,
  state: 'master',
  since: '2026-01-01T00:00:00.000Z',
  reason: 'none',
  priority: {base: 100, effective: 100},
  heard: null,
  vips: [
    {
      address: '10.0.0.1',
      prefixLength: 24,
      interface: 'eth0',
      label: null,
      instance: 'VI_1',
      wanted: true,
      present: true,
    },
  ],
}
const BODY = JSON.stringify({apiVersion: 'v1', kind: 'VirtualRouter', observedAt: '', items: [ROUTER]})
const ANSWER = [
  'HTTP/1.1 200 OK',
  'hactl-api: v1',
  'hactl-version: build',
  `content-length: ${Buffer.byteLength(BODY)}`,
  '',
  BODY,
].join('\r\n')

const server = createServer(connection => connection.on('error', () => {}).once('data', () => connection.end(ANSWER)))
server.listen(socket, async () => {
  process.stdout.write = () => true
  process.stderr.write = () => true
  const {script, main} = require('./run.cjs').load()
  for (const argv of [
    ['vrrp', 'status'],
    ['vrrp', 'status', '--json'],
  ])
    await main([...argv, '--socket', socket])
  const file = join(__dirname, '..', 'dist', `hactl.${process.version}-${process.arch}.cache`)
  writeFileSync(file, script.createCachedData())
  rmSync(socket, {force: true})
  process.exit(0)
})
