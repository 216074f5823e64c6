import {dirname, join} from 'node:path'
import ts from 'typescript'
import {type Finding, findingAt, nodesOf, type SourceFile} from './source-file.ts'

/** What the files of one folder may import. */
interface ImportRule {
  /** Folders of src, or files of src without their ending. */
  readonly ours: readonly string[]
  /** The same, by `await import()` alone. */
  readonly later?: readonly string[]
  /** Packages and `node:` modules by name; `node:*` is all of them. A name covers its subpaths. */
  readonly theirs?: readonly string[]
  /** More for single files, by their name in the folder. */
  readonly files?: {readonly [file: string]: readonly string[]}
}

const RULES: {readonly [folder: string]: ImportRule} = {
  'src/core': {ours: ['core']},
  'src/config': {
    ours: ['config', 'core', 'errors'],
    theirs: ['node:fs', 'node:path', 'node:os'],
    files: {'name-lookup.ts': ['node:dns']},
  },
  'src/cluster': {ours: ['cluster', 'config', 'core', 'errors']},
  'src/kernel': {
    ours: ['kernel', 'core', 'errors'],
    theirs: ['node:*'],
    files: {'netlink-socket.ts': ['netlink'], 'vrrp-socket.ts': ['raw-socket'], 'libc.ts': ['koffi']},
  },
  'src/probe': {
    ours: ['probe', 'core', 'errors', 'kernel'],
    theirs: ['node:*'],
    files: {'dns.ts': ['dns-packet']},
  },
  'src/control': {
    ours: ['control', 'core', 'errors'],
    files: {
      'server.ts': ['node:http', 'node:net'],
      'client.ts': ['node:net'],
      'dial.ts': ['node:net', 'node:child_process', 'node:stream'],
      'ssh.ts': ['node:child_process', 'node:stream'],
      'socket-file.ts': ['node:fs', 'node:net', 'node:path'],
    },
  },
  'src/agent': {
    ours: ['agent', 'config', 'control', 'core', 'errors', 'kernel', 'lvs', 'probe', 'version'],
    theirs: ['node:*'],
    files: {'mail-transport.ts': ['nodemailer']},
  },
  // What is asked of IPVS, whoever asks: the check process, or a command line that goes straight to the kernel.
  'src/lvs': {ours: ['lvs', 'control', 'core', 'errors', 'kernel'], theirs: ['node:*']},
  // Findings and what they are shown with: pure, so that the agent's answers and a file's are shown alike.
  'src/diagnostics': {ours: ['diagnostics', 'config', 'core']},
  // A command line that validates, formats and explains configurations reads them itself, without an agent.
  'src/cli': {
    ours: ['cli', 'cluster', 'config', 'control', 'core', 'diagnostics', 'errors', 'failover', 'version', 'watch'],
    theirs: ['@oclif/core', 'cli-table3', 'node:readline/promises', 'node:timers'],
    files: {
      'contexts.ts': ['node:fs', 'node:os', 'node:path'],
      'host-address.ts': ['node:dns'],
      'lvs-rules-file.ts': ['node:fs'],
      'short-run.ts': ['node:v8'],
      'small-heap.ts': ['node:v8'],
    },
    later: ['commands', 'lvs', 'probe'],
  },
  // What is known of all nodes of a cluster, for screens and for texts.
  'src/watch': {ours: ['watch', 'control', 'core', 'errors']},
  // Moves a virtual router from node to node, and measures that with probes from this host.
  'src/failover': {
    ours: ['failover', 'watch', 'control', 'core', 'errors', 'kernel', 'probe'],
    files: {
      'measure.ts': ['node:os'],
      'ping-probes.ts': ['node:crypto'],
      'tcp-probes.ts': ['node:net'],
    },
  },
  'src/tui': {
    ours: ['tui', 'control', 'core', 'diagnostics', 'errors', 'watch'],
    theirs: ['ink', 'react', 'node:process'],
    // The `:` line runs a command of hactl.
    files: {'command-line.ts': ['node:child_process']},
  },
  'src/errors.ts': {ours: []},
  'src/version.ts': {ours: []},
  commands: {
    ours: ['cli', 'cluster', 'config', 'control', 'diagnostics', 'errors', 'failover', 'version', 'watch'],
    later: ['agent', 'lvs', 'probe', 'tui'],
    theirs: ['@oclif/core', 'node:*'],
  },
}

/** Finds imports that the table of the style does not permit, and relative ones without `.ts`. */
export function checkImports(file: SourceFile): Finding[] {
  const folder = Object.keys(RULES).find(name => file.path === name || file.path.startsWith(`${name}/`))
  const rule = folder === undefined ? undefined : RULES[folder]
  const findings: Finding[] = []
  for (const {node, specifier, later} of importsOf(file)) {
    if (specifier.startsWith('.') && !/\.(ts|tsx)$/.test(specifier)) {
      findings.push(findingAt(file, node, `${specifier} does not end in .ts`))
    }
    if (rule === undefined) {
      if (folderRequired(file.path)) findings.push(findingAt(file, node, 'this folder is not in the table of imports'))
    } else if (!isPermitted(file, rule, specifier, later)) {
      findings.push(findingAt(file, node, `${folder} may not import ${specifier}${later ? ' later' : ''}`))
    }
  }
  return findings
}

const folderRequired = (path: string): boolean => path.startsWith('src/')

function isPermitted(file: SourceFile, rule: ImportRule, specifier: string, later: boolean): boolean {
  if (specifier.startsWith('.')) {
    const target = join(dirname(file.path), specifier)
      .replace(/^src\//, '')
      .replace(/\.tsx?$/, '')
    const [top = ''] = target.split('/')
    return rule.ours.includes(top) || (later && (rule.later ?? []).includes(top))
  }
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  const permitted = [...(rule.theirs ?? []), ...(rule.files?.[name] ?? [])]
  return permitted.some(
    allowed =>
      specifier === allowed ||
      specifier.startsWith(`${allowed}/`) ||
      (allowed === 'node:*' && specifier.startsWith('node:')),
  )
}

interface Import {
  readonly node: ts.Node
  readonly specifier: string
  readonly later: boolean
}

function* importsOf({tree}: SourceFile): Generator<Import> {
  for (const node of nodesOf(tree)) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier !== undefined) yield made(node, node.moduleSpecifier, false)
    } else if (ts.isCallExpression(node) && isLoader(node.expression)) {
      const [argument] = node.arguments
      if (argument !== undefined) yield made(node, argument, node.expression.kind === ts.SyntaxKind.ImportKeyword)
    } else if (ts.isImportTypeNode(node)) {
      yield made(node, node.argument, false)
    }
  }
}

function isLoader(expression: ts.Expression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  )
}

function made(node: ts.Node, at: ts.Node, later: boolean): Import {
  const literal = ts.isLiteralTypeNode(at) ? at.literal : at
  const specifier = ts.isStringLiteralLike(literal) ? literal.text : '(something computed)'
  return {node, specifier, later}
}
