import type {Findings} from '../findings.ts'
import type {CheckerConfig, CheckerConfigOf} from '../lvs-config.ts'
import type {Checker, CheckerOf} from '../tables/checkers.ts'
import {DNS_DEFAULTS} from '../tables/dns-check.ts'
import {HTTP_DEFAULTS} from '../tables/http-check.ts'
import {MISC_DEFAULTS} from '../tables/misc-check.ts'
import {buildSmtp} from './build-smtp-check.ts'
import {buildUrls} from './build-urls.ts'
import {type CheckerParent, type CheckerReport, withConnection, withTiming} from './checker-parent.ts'
import {definitionHint} from './definition-hint.ts'
import type {Trackable} from './resolve-tracks.ts'

/** What checkers can name. */
export interface CheckerReferences {
  readonly files: ReadonlyMap<string, Trackable>
  /** The BFD sessions that tell checkers. */
  readonly bfds: ReadonlyMap<string, Trackable>
}

/** Completes the checkers of a real server, and leaves out those that lack what they need. */
export function buildCheckers(
  checkers: readonly Checker[],
  parent: CheckerParent,
  references: CheckerReferences,
  findings: Findings,
): readonly CheckerConfig[] {
  const built: CheckerConfig[] = []
  for (const checker of checkers) {
    const report: CheckerReport = (name, at, message, hint) =>
      findings.report(name, at ?? checker.position, `${parent.name}: ${message}`, hint)
    if (checker.type === 'smtp') built.push(...buildSmtp(checker, parent, report))
    else {
      const config = buildChecker(checker, parent, references, report)
      if (config && !isFollowedAlready(config, built, report)) built.push(config)
    }
  }
  return built
}

function buildChecker(
  checker: Exclude<Checker, {readonly type: 'smtp'}>,
  parent: CheckerParent,
  references: CheckerReferences,
  report: CheckerReport,
): CheckerConfig | undefined {
  switch (checker.type) {
    case 'tcp':
    case 'ping':
      return withConnection(checker, parent, report)
    case 'dns':
      return withConnection(checker, parent, report, DNS_DEFAULTS)
    case 'udp':
      reportReplyLength(checker, report)
      return withConnection(checker, parent, report)
    case 'http':
    case 'ssl':
      return buildGet(checker, parent, report)
    case 'misc':
      return buildMisc(checker, parent, report)
    case 'bfd':
      return buildBfd(checker, parent, references, report)
    case 'file':
      return buildFile(checker, references, report)
  }
}

function reportReplyLength(checker: CheckerOf<'udp'>, report: CheckerReport): void {
  const {minReplyLengthBytes: least, maxReplyLengthBytes: most, at} = checker
  if (least <= most) return
  const message = `UDP_CHECK: no reply has ${least} bytes at least and ${most} at most`
  const where = at.minReplyLengthBytes ?? at.maxReplyLengthBytes
  report('reply-length-impossible', where, message, 'raise max_reply_length, whose default is 255')
}

function buildGet(
  checker: CheckerOf<'http' | 'ssl'>,
  parent: CheckerParent,
  report: CheckerReport,
): CheckerConfig | undefined {
  const keyword = checker.type === 'http' ? 'HTTP_GET' : 'SSL_GET'
  if (checker.urls.length === 0) {
    report('checker-incomplete', undefined, `${keyword} has no url; it is left out`, 'url { path / }')
    return undefined
  }
  const virtualHost = checker.virtualHost ?? parent.virtualHost
  const enableSni = checker.enableSni || checker.sniName !== undefined
  if (checker.type === 'http') {
    const urls = buildUrls(checker.urls, virtualHost, report)
    const config = withConnection(checker, parent, report, HTTP_DEFAULTS)
    return config && urls.length > 0 ? {...config, virtualHost, enableSni, urls} : undefined
  }
  const urls = buildUrls(checker.urls, virtualHost, report).map(url => ({
    ...url,
    tlsCompliant: url.tlsCompliant ?? checker.tlsCompliant,
  }))
  const config = withConnection(checker, parent, report, HTTP_DEFAULTS)
  return config && urls.length > 0 ? {...config, virtualHost, enableSni, urls} : undefined
}

function buildMisc(
  checker: CheckerOf<'misc'>,
  parent: CheckerParent,
  report: CheckerReport,
): CheckerConfigOf<'misc'> | undefined {
  const {command, user} = checker
  if (!command) {
    const message = 'MISC_CHECK names no program; it is left out'
    report('checker-incomplete', undefined, message, 'misc_path "PROGRAM"')
    return undefined
  }
  const config = withTiming(checker, parent, MISC_DEFAULTS)
  return {
    ...config,
    command: user ? {...command, runAs: user} : command,
    timeoutMs: checker.timeoutMs || config.delayLoopMs,
  }
}

function buildBfd(
  checker: CheckerOf<'bfd'>,
  parent: CheckerParent,
  {bfds}: CheckerReferences,
  report: CheckerReport,
): CheckerConfigOf<'bfd'> | undefined {
  const {bfd} = checker
  // What was wrong with an empty name has been said.
  if (bfd === '') return undefined
  if (bfd === undefined) {
    report('checker-incomplete', undefined, 'BFD_CHECK names no bfd_instance; it is left out', 'name BFD-INSTANCE')
    return undefined
  }
  const session = bfds.get(bfd)
  if (!session || session.order > checker.order) {
    const message = `bfd_instance ${bfd} is not ${session ? 'defined before this line' : 'there for checkers'}`
    const hint = session ? 'move bfd_instance up' : definitionHint('bfd_instance', bfd, bfds.keys())
    report('checker-reference-unknown', checker.at.bfd, `${message}; BFD_CHECK is left out`, hint)
    return undefined
  }
  return {...checker, bfd, alpha: checker.alpha ?? parent.alpha}
}

function isFollowedAlready(config: CheckerConfig, built: readonly CheckerConfig[], report: CheckerReport): boolean {
  if (config.type !== 'bfd' || !built.some(other => other.type === 'bfd' && other.bfd === config.bfd)) return false
  report('checker-duplicate', config.at.bfd, `it follows ${config.bfd} already; this BFD_CHECK is left out`)
  return true
}

function buildFile(
  checker: CheckerOf<'file'>,
  {files}: CheckerReferences,
  report: CheckerReport,
): CheckerConfigOf<'file'> | undefined {
  const {trackFile} = checker
  if (trackFile === undefined) {
    report('checker-incomplete', undefined, 'FILE_CHECK names no track_file; it is left out', 'track_file NAME')
    return undefined
  }
  const file = files.get(trackFile)
  if (!file || file.order > checker.order) {
    const lack = file ? 'defined before this line' : 'there'
    const hint = file ? 'move track_file up' : definitionHint('track_file', trackFile, files.keys())
    const message = `track_file ${trackFile} is not ${lack}; FILE_CHECK is left out`
    report('checker-reference-unknown', checker.at.trackFile, message, hint)
    return undefined
  }
  return {...checker, trackFile, weight: checker.weight ?? {weight: file.weight, reverse: file.reverse}}
}
