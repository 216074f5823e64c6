import {translateRegex} from '../../core/check/regex-pattern.ts'
import type {Filled, Item} from '../schema/schema.ts'
import {DEFAULT_STATUS, type HttpUrlSettings} from '../tables/http-url.ts'
import type {CheckerReport} from './checker-parent.ts'

/** Completes the pages of a checker, and leaves out those without a path. */
export function buildUrls<Settings extends HttpUrlSettings>(
  urls: readonly Item<Settings>[],
  virtualHost: string | undefined,
  report: CheckerReport,
): readonly (Item<Settings> & Filled<HttpUrlSettings, 'path'>)[] {
  return urls.flatMap(url => {
    if (url.path === undefined) {
      report('url-incomplete', url.position, 'the url has no path; it is left out', 'path /')
      return []
    }
    return [
      {
        ...url,
        path: url.path,
        virtualHost: url.virtualHost ?? virtualHost,
        statusCodes: url.statusCodes.length > 0 ? url.statusCodes : DEFAULT_STATUS,
        ...regexOf(url, report),
      },
    ]
  })
}

const REGEX_FIELDS = [
  'regexNoMatch',
  'regexOptions',
  'regexMinOffsetBytes',
  'regexMaxOffsetBytes',
  'regexStack',
] as const

function regexOf(
  url: Item<HttpUrlSettings>,
  report: CheckerReport,
): Pick<HttpUrlSettings, 'regexMinOffsetBytes' | 'regexMaxOffsetBytes'> {
  const {regex, regexMinOffsetBytes, regexMaxOffsetBytes, at} = url
  const unused = regex === undefined ? REGEX_FIELDS.find(field => at[field] !== undefined) : undefined
  if (unused) {
    report('regex-setting-unused', at[unused], 'the url has no regex, so this has no effect', 'regex "EXPRESSION"')
  }
  const translated = regex === undefined ? undefined : translateRegex(regex, url.regexOptions)
  if (translated?.ok === false) {
    report('regex-not-supported', at.regex, translated.reason, 'write it without that: the check would always fail')
  }
  const crossed = (regexMinOffsetBytes ?? 0) > (regexMaxOffsetBytes ?? Number.POSITIVE_INFINITY)
  if (!crossed) return {regexMinOffsetBytes, regexMaxOffsetBytes}
  const message = 'regex_min_offset is above regex_max_offset; both have no effect'
  report('regex-setting-unused', at.regexMaxOffsetBytes ?? at.regexMinOffsetBytes, message)
  return {regexMinOffsetBytes: undefined, regexMaxOffsetBytes: undefined}
}
