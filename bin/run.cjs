#!/usr/bin/env node
'use strict'
// Starts the command line. V8's code cache, written by the build for one version of Node, spares it the compiling;
// without it, or under another Node, the same source is compiled.
const {existsSync, readFileSync} = require('node:fs')
const {wrap} = require('node:module')
const {basename, join} = require('node:path')
const {setFlagsFromString} = require('node:v8')
const {Script} = require('node:vm')

const dist = join(__dirname, '..', 'dist')
const filename = join(dist, 'hactl.cjs')

function cachedCode() {
  try {
    return readFileSync(join(dist, `hactl.${process.version}-${process.arch}.cache`))
  } catch {
    return undefined
  }
}

exports.load = () => {
  // V8 doubles the space for new objects as the code is loaded, most of which stays; a command needs no more than
  // there is at first. Whoever stays calls `expectLongRun` in src/cli/short-run.ts.
  setFlagsFromString('--semi-space-growth-factor=1')
  const script = new Script(wrap(readFileSync(filename, 'utf8')), {filename, cachedData: cachedCode()})
  const module = {exports: {}}
  const requireFromDist = id => require(id.startsWith('.') ? join(dist, id) : id)
  script.runInThisContext()(module.exports, requireFromDist, module, filename, dist)
  return {script, main: module.exports.main}
}

// A link to this file that is called ipvsadm or genhash takes the command line of ipvsadm(8) or genhash(1).
function commandLine([, path, ...words]) {
  const name = basename(path)
  return ['ipvsadm', 'genhash'].includes(name) ? [name, ...words] : words
}

if (require.main === module) {
  if (existsSync(filename)) {
    exports.load().main(commandLine(process.argv))
  } else {
    console.error('hactl: it is not built\n  run: npm run build')
    process.exitCode = 1
  }
}
