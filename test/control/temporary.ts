import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {type ApiServer, type ServerOptions, startServer} from '../../src/control/server.ts'
import {type FakeAgent, fakeAgent} from '../fake-agent.ts'

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hactl-test-'))
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}

/** A server with a fake agent behind it, closed after the test. */
export async function temporaryServer(
  options: Partial<ServerOptions> & {readonly agent?: FakeAgent} = {},
): Promise<{readonly socketPath: string; readonly agent: FakeAgent; readonly server: ApiServer}> {
  const {agent = fakeAgent(), ...rest} = options
  const server = await startServer({
    socketPath: join(temporaryDirectory(), 'agent.sock'),
    mode: 0o600,
    access: 'full',
    version: '1.2.3',
    handlers: agent.handlers,
    ...rest,
  })
  onTestFinished(() => server.close())
  return {socketPath: server.socketPath, agent, server}
}
