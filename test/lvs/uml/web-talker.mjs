// Asks a web server again and again over one connection that is kept open. Prints a number and what was answered, and
// "closed" when the connection has ended.
// usage: node web-talker.mjs ADDRESS EVERY_MS
import {connect} from 'node:net'

const [host, everyMs] = process.argv.slice(2)
const socket = connect({host, port: 80})
socket.setNoDelay(true)
let count = 0
let text = ''
const ask = () => socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
socket.on('connect', ask)
socket.on('data', data => {
  text += data
  const [, length, rest = ''] = /\r\nContent-Length: (\d+)\r\n(?:.*?\r\n)?\r\n(.*)$/is.exec(text) ?? []
  if (length === undefined || rest.length < Number(length)) return
  console.log(`${++count} ${rest.trim()}`)
  text = ''
  setTimeout(ask, Number(everyMs))
})
socket.on('error', () => {})
socket.on('close', () => {
  console.log('closed')
  process.exit()
})
