// Makes connections when it is told to by a line on the socket /run/client.sock: a JSON list of what net.connect takes.
// They are made one after the other; the first line that comes over each goes back, or "-" where none comes.
import {connect, createServer} from 'node:net'

const TIMEOUT_MS = 2_000

createServer(async orders => {
  orders.setEncoding('utf8')
  let text = ''
  for await (const piece of orders) {
    text += piece
    if (!text.endsWith('\n')) continue
    const lines = []
    for (const options of JSON.parse(text)) lines.push(await ask(options))
    orders.end(JSON.stringify(lines))
  }
}).listen('/run/client.sock', () => console.log('ready'))

function ask(options) {
  return new Promise(resolve => {
    const socket = connect(options)
    const done = line => {
      resolve(line)
      socket.destroy()
    }
    socket.setTimeout(TIMEOUT_MS, () => done('-'))
    socket.once('data', data => done(String(data).split('\n')[0]))
    socket.once('error', () => done('-'))
    socket.once('close', () => done('-'))
  })
}
