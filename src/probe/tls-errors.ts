/** What is said of an error of a TLS stream, "TLS: the answer is not TLS"; undefined: it is no error of TLS. */
export function tlsErrorWords(error: Error): string | undefined {
  if (error.message.includes('before secure TLS connection')) return 'TLS: closed in the handshake'
  // Node gives the error of OpenSSL in fields or, where it came with a write, in its message alone.
  const {reason, library} = error as {reason?: unknown; library?: unknown}
  const [, inMessage] = /:SSL routines:[^:]*:([^:\n]{1,80})/.exec(error.message) ?? []
  const found = library === 'SSL routines' && typeof reason === 'string' ? reason : inMessage
  return found === undefined ? undefined : `TLS: ${WORDS[found] ?? found}`
}

const WORDS: {readonly [reason: string]: string} = {
  'wrong version number': 'the answer is not TLS',
  'packet length too long': 'the answer is not TLS',
  'record layer failure': 'the answer is not TLS',
  'unsupported protocol': 'no version of the protocol in common',
  'tlsv1 alert protocol version': 'no version of the protocol in common',
  'sslv3 alert handshake failure': 'the handshake is refused',
  'tlsv1 unrecognized name': 'the server does not know the name',
  'tlsv13 alert certificate required': 'the server wants a certificate of ours',
}
