import {describe, expect, it} from 'vitest'
import {printRulesText, readRulesText} from '../../../src/core/ipvs/rules-text.ts'

const EVERYTHING = `-A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.0.0
-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3 -x 100 -y 50
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 0
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 1 --tun-type ipip
-a -t 192.0.2.1:80 -r [2001:db8::9]:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 192.0.2.1:80 -r 10.0.0.4:80 -i -w 1 --tun-type gre --tun-csum
-A -u [2001:db8::1]:53 -s sh -p 9 -M 64 --pe sip -o -b sh-fallback,sh-port,flag-3
-A --sctp-service 192.0.2.1:0 -s mh -p 360 -b mh-port
-A -f 4294967295 -s rr -b flag-1,flag-2
-a -f 4294967295 -r 10.0.0.1:0 -g -w 1
-A -f 5 -6 -s wlc
`

describe('a text of rules', () => {
  it('is printed as it was read', () => {
    const read = readRulesText(EVERYTHING)
    expect(read).toMatchObject({ok: true})
    expect(read.ok && printRulesText(read.rules)).toBe(EVERYTHING)
  })

  it('may have comments, empty lines, the name of the program, and names of ports that can be looked up', () => {
    const text = '# rules\r\n\n  ipvsadm -A -t 192.0.2.1:http -s rr\r\n\t-a -t 192.0.2.1:80 -r 10.0.0.1\n   # end'
    const read = readRulesText(text, {
      port: (name, protocol) => (name === 'http' && protocol === 'tcp' ? 80 : undefined),
    })
    expect(read.ok && printRulesText(read.rules)).toBe(
      '-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1\n',
    )
  })

  it('is nothing when it is empty', () => {
    expect(readRulesText('')).toEqual({ok: true, rules: []})
    expect(printRulesText([])).toBe('')
  })

  it.each([
    ['-A -t 192.0.2.1:8x', 'service 192.0.2.1:8x is not permitted: ADDRESS:PORT, IPv6 in brackets, port 0 to 65535'],
    ['-a -f 1 -r 10.0.0.1 -w -1', 'weight -1 is not permitted: 0 to 2147483647'],
    ['-A -f 0', 'mark 0 is not permitted: 1 to 4294967295'],
    ['-A -f 2 -p 0', 'timeout 0 is not permitted: 1 to 2678400 seconds'],
    ['-A -f 2 -p -M 24', 'netmask 0.0.0.24 is not permitted: a mask has no gaps'],
    ['-A -f 2 -b sh-port', 'scheduler flag sh-port is not permitted: flag-1, flag-2, flag-3 with scheduler wlc'],
    ['-A -t host.example.com:80', 'host host.example.com is not permitted: addresses only'],
    ['-A -f 1', 'service fwm/1 is not permitted twice'],
    ['-a -f 1 -r 10.0.0.9 -m', 'real server 10.0.0.9:0 of fwm/1 is not permitted twice'],
    ['-a -f 2 -r 10.0.0.1', 'real server 10.0.0.1:0 is not permitted here: service fwm/2 is not in a line before'],
    ['-D -f 1', '-D is not permitted: -A for a service or -a for a real server of one before'],
    ['-e -f 1 -r 10.0.0.9', '-e is not permitted: -A for a service or -a for a real server of one before'],
    ['-C', '-C is not permitted: -A for a service or -a for a real server of one before'],
    ['-L -n', '-L is not permitted: -A for a service or -a for a real server of one before'],
    ['nonsense', 'a command of ipvsadm(8) comes first, such as -A, -E, -D, -a, -e or -d'],
    ['-A -f 2 extra', 'extra is not permitted: it is no option'],
  ])('is refused with its line: %s', (line, message) => {
    expect(readRulesText(`-A -f 1\n\n-a -f 1 -r 10.0.0.9\n${line}\n-A -f 3\n`)).toEqual({ok: false, line: 4, message})
  })
})
