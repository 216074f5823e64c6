#!/usr/bin/env node
'use strict'
// Starts the command line. V8's code cache, written by the build for one version of Node, spares it the compiling;
// without it, or under another Node, the same source is compiled.
const {existsSync, readFileSync} = require('node:fs')
const {wrap} = require('node:module')
const {basename, join} = require('node:path')
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
  const script = new Script(wrap(readFileSync(filename, 'utf8')), {filename, cachedData: cachedCode()})
  const module = {exports: {}}
  const requireFromDist = id => require(id.startsWith('.') ? join(dist, id) : id)
  script.runInThisContext()(module.exports, requireFromDist, module, filename, dist)
  return {script, main: module.exports.main}
}

// A link to this file that is called ipvsadm takes the command line of ipvsadm(8).
function commandLine([, path, ...words]) {
  return basename(path) === 'ipvsadm' ? ['ipvsadm', ...words] : words
}

if (require.main === module) {
  if (existsSync(filename)) {
    exports.load().main(commandLine(process.argv))
  } else {
    console.error('hactl: it is not built\n  run: npm run build')
    process.exitCode = 1
  }
}
