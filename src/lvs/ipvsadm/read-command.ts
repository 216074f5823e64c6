import type {ParsedCommand} from '../../core/ipvsadm/command.ts'
import {parseCommand} from '../../core/ipvsadm/parse.ts'
import type {NameService} from './name-service.ts'

/** Reads a command line, looking hosts up where it needs that. */
export async function readCommand(
  words: readonly string[],
  {names, nested}: {readonly names: NameService; readonly nested: boolean},
): Promise<Exclude<ParsedCommand, {type: 'unasked'}>> {
  for (;;) {
    const parsed = parseCommand(words, names.lookup, {nested})
    if (parsed.type !== 'unasked') return parsed
    // Each round answers for one more of the hosts in the line.
    await names.askHost(parsed.host)
  }
}
