// A real server: greets each TCP connection on port 80 with its name and both addresses as it sees them, then answers
// every line with its name and that line. It answers datagrams to UDP port 80 with its name.
// usage: node real-server.mjs NAME
import {createSocket} from 'node:dgram'
import {createServer} from 'node:net'

const PORT = 80
const [name] = process.argv.slice(2)

createServer(socket => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.write(`${name} ${socket.localAddress} ${socket.remoteAddress}\n`)
  socket.on('data', data => socket.write(String(data).replaceAll(/^(?=.)/gm, `${name} `)))
}).listen(PORT, '::')

const udp = createSocket({type: 'udp6'})
udp.on('message', (_, {address, port}) => udp.send(name, port, address))
udp.bind(PORT, '::')
