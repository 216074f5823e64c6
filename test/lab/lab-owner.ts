import {createLab} from './lab.ts'

/** A program that makes a lab, says what is in it, and waits for the end of its input. */
async function main(): Promise<void> {
  const lab = await createLab()
  const segment = await lab.segment()
  const [a, b] = [await lab.host('a'), await lab.host('b')]
  await a.attach(segment, {interface: 'ens33', address: '10.1.0.1/24'})
  await b.attach(segment, {interface: 'ens33', address: '10.1.0.2/24'})
  const {code} = await a.run(['ping', '-c', '1', '-W', '1', '10.1.0.2'], {check: false})
  a.writeFile('/etc/keepalived/own.conf', 'own')
  const sleeper = await a.start(['sleep', '1000'])
  console.log(JSON.stringify({sleeper: sleeper.pid, directory: lab.directory, answered: code === 0}))
  process.stdin.on('end', () => void lab.close().then(() => process.exit(0))).resume()
}

void main()
