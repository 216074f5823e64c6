// Asks a web server again and again, each time by a new connection, and prints one line an answer or failure:
// milliseconds since 1970, then what the server said, or "-". Runs inside a host of the lab.
// usage: node http-client.mjs URL EVERY-MS
import {get} from 'node:http'

const [url, every] = process.argv.slice(2)
const TIMEOUT_MS = 300

function ask() {
  let done = false
  const finish = answer => {
    if (done) return
    done = true
    console.log(`${Date.now()} ${answer}`)
  }
  const request = get(url, {agent: false, timeout: TIMEOUT_MS}, response => {
    let body = ''
    response.setEncoding('utf8').on('data', text => {
      body += text
    })
    response.on('end', () => finish(body.trim().split(/\s/)[0] || '-')).on('error', () => finish('-'))
  })
  request
    .on('timeout', () => request.destroy())
    .on('error', () => finish('-'))
    .on('close', () => finish('-'))
}

setInterval(ask, Number(every))
