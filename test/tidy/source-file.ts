import {readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import ts from 'typescript'

/** One source file as the rules see it; the path is relative to the repository, with slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

/** A broken rule. Lines count from 1. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** Parses one file. */
export function sourceFile(path: string, text: string): SourceFile {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  return {path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, kind)}
}

/** The finding about a node. */
export function findingAt({path, tree}: SourceFile, node: ts.Node, message: string): Finding {
  return {path, line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1, message}
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of childrenOf(node)) yield* nodesOf(child)
}

/** The paths of every file below a folder, relative to the root; nothing when there is no such folder. */
export function filesBelow(root: string, folder: string): string[] {
  const found: string[] = []
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, {withFileTypes: true})) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) found.push(relative(root, path))
    }
  }
  try {
    visit(join(root, folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return found.sort()
}

/** Reads and parses the TypeScript files among the paths. */
export function readSources(root: string, paths: readonly string[]): SourceFile[] {
  return paths
    .filter(path => /\.tsx?$/.test(path))
    .map(path => sourceFile(path, readFileSync(join(root, path), 'utf8')))
}

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = []
  node.forEachChild(child => {
    children.push(child)
  })
  return children
}
