import {execFileSync} from 'node:child_process'
import {readlinkSync} from 'node:fs'
import {HactlError} from '../../../src/errors.ts'
import {enterNetNamespace, inStartingNamespace} from '../../../src/kernel/namespace.ts'
import {report} from './tools.ts'

const here = (): string => readlinkSync('/proc/thread-self/ns/net')
const ofProgram = (): string => execFileSync('readlink', ['/proc/self/ns/net'], {encoding: 'utf8'}).trim()

function refusal(name: string): string {
  try {
    enterNetNamespace(name)
    return 'entered'
  } catch (error) {
    return error instanceof HactlError ? `${error.code}: ${error.message}` : 'another error'
  }
}

const outside = here()
const refusals = ['hactl-no-such', '../netns', '.', ''].map(refusal)
const before = inStartingNamespace(ofProgram) === outside && here() === outside
enterNetNamespace(process.env.PEER ?? '')
const inside = here()
let kept = ''
try {
  inStartingNamespace(() => {
    throw new Error('work that fails')
  })
} catch {
  kept = here()
}
report({
  refusals,
  before,
  moved: inside !== outside,
  program: ofProgram() === inside,
  sees: execFileSync('ip', ['-o', 'link'], {encoding: 'utf8'}).includes('pe0'),
  briefly: inStartingNamespace(ofProgram) === outside,
  back: here() === inside,
  kept: kept === inside,
})
