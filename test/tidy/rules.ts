import ts from 'typescript'
import {type Finding, findingAt, nodesOf, type SourceFile} from './source-file.ts'

const MAX_FILE_LINES = 400
const MAX_TEST_LINES = 600
const MAX_FUNCTION_LINES = 70
const MAX_COLUMNS = 120

/** Files of at most 400 lines (tests 600), lines of at most 120 columns. */
export function checkLengths({path, text}: SourceFile): Finding[] {
  const lines = text.trimEnd().split('\n')
  const most = path.startsWith('test/') ? MAX_TEST_LINES : MAX_FILE_LINES
  const findings: Finding[] = []
  if (lines.length > most) findings.push({path, line: most, message: `${lines.length} lines, at most ${most}`})
  for (const [index, line] of lines.entries()) {
    const isCode = path.startsWith('src/') || path.startsWith('commands/')
    if (isCode && [...line].length > MAX_COLUMNS) {
      findings.push({path, line: index + 1, message: `${[...line].length} columns, at most ${MAX_COLUMNS}`})
    }
  }
  return findings
}

/** Functions of at most 70 lines. */
export function checkFunctions(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  for (const node of nodesOf(file.tree)) {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined || isGroupOfTests(node)) continue
    const lines = lineOf(file, node.end) - lineOf(file, node.getStart(file.tree)) + 1
    if (lines > MAX_FUNCTION_LINES) {
      findings.push(findingAt(file, node, `a function of ${lines} lines, at most ${MAX_FUNCTION_LINES}`))
    }
  }
  return findings
}

/** Names of files and folders are kebab-case; no file only forwards. */
export function checkName(path: string): Finding[] {
  const findings: Finding[] = []
  const parts = path.split('/')
  const file = parts.pop() ?? ''
  const stem = file.replace(/(\.test|\.config|\.d)?\.(ts|tsx|mjs|cjs)$/, '')
  for (const part of [...parts, stem]) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)) findings.push({path, line: 1, message: `${part} is not kebab-case`})
  }
  if (stem === 'index')
    findings.push({path, line: 1, message: 'index files are not used: import what defines the thing'})
  return findings
}

/** Named exports only, nothing forwarded wholesale. */
export function checkExports(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  const mayDefault = file.path.endsWith('.config.ts') || file.path.endsWith('.d.ts')
  for (const node of file.tree.statements) {
    const isDefault = ts.isExportAssignment(node) || modifiersOf(node).includes(ts.SyntaxKind.DefaultKeyword)
    if (isDefault && !mayDefault) findings.push(findingAt(file, node, 'a default export'))
    if (ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))) {
      findings.push(findingAt(file, node, 'export *'))
    }
    const hasDefault =
      ts.isExportDeclaration(node) &&
      node.exportClause !== undefined &&
      ts.isNamedExports(node.exportClause) &&
      node.exportClause.elements.some(({name}) => name.text === 'default')
    if (hasDefault) findings.push(findingAt(file, node, 'a default export'))
  }
  return findings
}

/** `unknown`, never `any`. */
export function checkAny(file: SourceFile): Finding[] {
  return [...nodesOf(file.tree)]
    .filter(node => node.kind === ts.SyntaxKind.AnyKeyword)
    .map(node => findingAt(file, node, 'any'))
}

/** Only the agent, the commands and what is run by hand may log. */
export function checkLogging(file: SourceFile): Finding[] {
  const mayLog = !file.path.startsWith('src/') || file.path.startsWith('src/agent/')
  if (mayLog) return []
  return [...nodesOf(file.tree)]
    .filter(node => ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression))
    .filter(node => (node as ts.PropertyAccessExpression).expression.getText(file.tree) === 'console')
    .map(node => findingAt(file, node, 'a call that logs'))
}

/** Every exported function and class of src says in JSDoc what it does. */
export function checkDocumented(file: SourceFile): Finding[] {
  if (!file.path.startsWith('src/')) return []
  return file.tree.statements
    .filter(node => ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node))
    .filter(node => modifiersOf(node).includes(ts.SyntaxKind.ExportKeyword) && !hasDocumentation(file, node))
    .map(node => findingAt(file, node, 'an export without JSDoc'))
}

/** The pure core reads no clock, draws no random number and arms no timer. */
export function checkPurity(file: SourceFile): Finding[] {
  if (!file.path.startsWith('src/core/')) return []
  const findings: Finding[] = []
  for (const node of nodesOf(file.tree)) {
    const isNow = ts.isNewExpression(node) && node.expression.getText(file.tree) === 'Date' && !node.arguments?.length
    const text = ts.isPropertyAccessExpression(node) ? node.getText(file.tree) : ''
    const isCall = ts.isCallExpression(node) && IMPURE_CALLS.includes(node.expression.getText(file.tree))
    if (isNow || isCall || IMPURE_MEMBERS.test(text)) findings.push(findingAt(file, node, 'the core is pure'))
  }
  return findings
}

const IMPURE_CALLS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']
const IMPURE_MEMBERS = /^(Date\.now|Math\.random|performance\.\w+|process\.\w+|globalThis\.\w+|crypto\.\w+)$/

/** No class inherits but from BaseCommand, Error, or what oclif demands. */
export function checkInheritance(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  for (const node of nodesOf(file.tree)) {
    if (!ts.isClassLike(node)) continue
    for (const clause of node.heritageClauses ?? []) {
      const [parent] = clause.types
      if (clause.token !== ts.SyntaxKind.ExtendsKeyword || parent === undefined) continue
      const name = parent.expression.getText(file.tree)
      const isBase = file.path === 'src/cli/base-command.ts' && name === 'Command'
      if (name !== 'BaseCommand' && name !== 'Error' && !isBase) {
        findings.push(findingAt(file, node, `a class that extends ${name}`))
      }
    }
  }
  return findings
}

/** Texts name no machine, no home directory and no host of a package registry. */
export function checkPlaces(path: string, text: string): Finding[] {
  const findings: Finding[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const place = PLACES.exec(line)?.[0]
    if (place !== undefined) findings.push({path, line: index + 1, message: `names ${place}`})
  }
  return findings
}

const SLASH = '[/]'
const PLACES = new RegExp(
  [
    `(?<![\\w.)}-])${SLASH}(work|home|root|Users|workspace)${SLASH}[\\w.-]+`,
    `registry[.][\\w-]+[.]\\w+`,
    `(?:artifactory|nexus|verdaccio)[.\\w-]*[.]\\w+`,
  ].join('|'),
)

/** The body of a suite only holds tests together. */
function isGroupOfTests({parent}: ts.Node): boolean {
  return ts.isCallExpression(parent) && /^(describe\b|\w+Suite$)/.test(parent.expression.getText())
}

function hasDocumentation({text}: SourceFile, node: ts.Node): boolean {
  return (ts.getLeadingCommentRanges(text, node.pos) ?? []).some(({pos}) => text.startsWith('/**', pos))
}

function modifiersOf(node: ts.Node): readonly ts.SyntaxKind[] {
  return ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []).map(({kind}) => kind) : []
}

function lineOf({tree}: SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line
}
