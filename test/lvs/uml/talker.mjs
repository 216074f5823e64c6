// Holds one TCP connection open and sends a numbered line over it again and again. Prints every line that comes back,
// and "closed" when the connection ends.
// usage: node talker.mjs ADDRESS EVERY_MS
import {connect} from 'node:net'

const [host, everyMs] = process.argv.slice(2)
const socket = connect({host, port: 80})
socket.setNoDelay(true)
socket.on('connect', () => {
  let count = 0
  setInterval(() => socket.write(`${++count}\n`), Number(everyMs))
})
socket.on('data', data => process.stdout.write(data))
socket.on('error', () => {})
socket.on('close', () => {
  console.log('closed')
  process.exit()
})
