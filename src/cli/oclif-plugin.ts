import type {Interfaces} from '@oclif/core'
import type {Command} from '@oclif/core/command'
import {VERSION} from '../version.ts'
import {COMMANDS, type CommandLoader, TOPICS} from './command-table.ts'

/** oclif's options for a program whose commands are known without a look at the disk. */
export function oclifOptions(commands: readonly Command.Loadable[]): Interfaces.Options {
  const pjson: Interfaces.PJSON = {
    name: 'hactl',
    version: VERSION,
    description: 'high availability and load balancing for Linux',
    oclif: {bin: 'hactl', dirname: 'hactl', topicSeparator: ' '},
  }
  const plugin = {
    _base: '',
    alias: 'hactl',
    name: 'hactl',
    version: VERSION,
    root: __dirname,
    type: 'core',
    moduleType: 'commonjs',
    isRoot: true,
    valid: true,
    hasManifest: false,
    commandsDir: undefined,
    commandIDs: commands.map(({id}) => id),
    commands: [...commands],
    topics: Object.entries(TOPICS).map(([name, description]) => ({name, description})),
    hooks: {},
    options: {root: __dirname},
    pjson,
    findCommand: async (id: string) => COMMANDS[id]?.(),
    load: async () => undefined,
  }
  return {root: __dirname, version: VERSION, pjson, plugins: new Map([['hactl', plugin as Interfaces.Plugin]])}
}

/** A command as oclif needs it to run it: its class loads when it is called. */
export function loadable(id: string, load: CommandLoader): Command.Loadable {
  return {
    id,
    load: async () => withId(id, await load()),
    aliases: [],
    hiddenAliases: [],
    args: {},
    flags: {},
    hidden: false,
    pluginName: 'hactl',
    pluginType: 'core',
  }
}

/** Every command as oclif needs it to write the help. */
export async function describedCommands(): Promise<readonly Command.Loadable[]> {
  return Promise.all(
    Object.entries(COMMANDS).map(async ([id, load]) => {
      const command = await load()
      const flags = {json: JSON_FLAG, ...command.baseFlags, ...command.flags}
      return {
        ...loadable(id, load),
        args: named(command.args),
        flags: named(flags),
        description: asParagraph(command.description),
        examples: command.examples,
        hidden: command.hidden,
        summary: command.summary,
        strict: command.strict,
      } as Command.Loadable
    }),
  )
}

/** The first line is the title; the others are one text, which oclif breaks to the width of the terminal. */
function asParagraph(description: string | undefined): string | undefined {
  const [title, ...text] = description?.split('\n') ?? []
  return title === undefined || text.length === 0 ? title : `${title}\n${text.join(' ')}`
}

const JSON_FLAG = {type: 'boolean', description: 'print the answer as JSON', helpGroup: 'GLOBAL', allowNo: false}

function named(items: {readonly [name: string]: object} | undefined): {[name: string]: object} {
  return Object.fromEntries(Object.entries(items ?? {}).map(([name, item]) => [name, {...item, name}]))
}

function withId(id: string, command: Command.Class): Command.Class {
  command.id = id
  return command
}
