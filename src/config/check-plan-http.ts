import type {HttpPage, HttpProbePlan, ProbeConnection} from '../core/check/plan.ts'
import {ipFamily} from '../core/ip.ts'
import type {CheckerConfigOf} from './lvs-config.ts'

type Checker = CheckerConfigOf<'http'> | CheckerConfigOf<'ssl'>
type Url = Checker['urls'][number]

/** What an HTTP_GET or SSL_GET asks for; its pages have the virtual hosts of whatever is around them already. */
export function httpProbe(checker: Checker, connection: ProbeConnection): HttpProbePlan {
  const {urls, httpProtocol, fastRecovery} = checker
  return {
    type: 'http',
    connection,
    tls: checker.type === 'http' ? undefined : {serverName: sniOf(checker), compliant: checker.tlsCompliant},
    protocol: httpProtocol,
    fastRecovery,
    pages: urls.map(url => pageOf(url, checker, connection)),
  }
}

/** That of the first page where pages name none of their own; they do where it matters. */
function sniOf(checker: CheckerConfigOf<'ssl'>): string | undefined {
  if (!checker.enableSni) return undefined
  return checker.sniName || (checker.virtualHost ?? checker.urls.find(url => url.virtualHost)?.virtualHost)
}

function pageOf(url: Url, checker: Checker, connection: ProbeConnection): HttpPage {
  const {path, digest, statusCodes, virtualHost, regex} = url
  return {
    path,
    host: virtualHost ?? hostOf(connection),
    digest,
    status: statusCodes.map(({from, to}) => ({from, to})),
    regex:
      regex === undefined
        ? undefined
        : {
            pattern: regex,
            options: url.regexOptions,
            noMatch: url.regexNoMatch,
            minOffsetBytes: url.regexMinOffsetBytes,
            maxOffsetBytes: url.regexMaxOffsetBytes,
          },
    tlsCompliant: 'tlsCompliant' in url ? url.tlsCompliant : undefined,
    ...serverNameOf(url, checker),
  }
}

/** Only where a page has a virtual host of its own, and nothing else decides. */
function serverNameOf({virtualHost}: Url, checker: Checker): Pick<HttpPage, 'serverName'> {
  if (checker.type === 'http' || !checker.enableSni || checker.sniName) return {}
  return virtualHost === undefined || virtualHost === sniOf(checker) ? {} : {serverName: virtualHost}
}

/** With the port even where it is that of the protocol, as keepalived has it. */
const hostOf = ({address, port}: ProbeConnection): string =>
  ipFamily(address) === 4 ? `${address}:${port}` : `[${address}]:${port}`
