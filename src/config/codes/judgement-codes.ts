import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about what is permitted and still unwise (18). */
export const JUDGEMENT_CODES = {
  'owner-unlikely': kind(
    'HC1801',
    'warning',
    'semantic',
    'Priority 255 is for the owner of the addresses: nothing makes it yield.',
  ),
  'nopreempt-with-weights': kind(
    'HC1802',
    'warning',
    'semantic',
    'With nopreempt a weight never moves the addresses to this node.',
  ),
  'weight-without-effect': kind(
    'HC1803',
    'warning',
    'semantic',
    'A weight changes nothing, since the priority is held to 1 to 254.',
  ),
  'advert-int-long': kind(
    'HC1804',
    'warning',
    'semantic',
    'The advertisement interval is so long that taking over takes half a minute or more.',
  ),
  'strict-unreachable': kind(
    'HC1805',
    'warning',
    'semantic',
    'Strict mode drops what is sent to the virtual addresses.',
  ),
  'peer-own-address': kind('HC1806', 'warning', 'semantic', 'A unicast peer is the address of this node itself.'),
  'peer-virtual-address': kind('HC1807', 'warning', 'semantic', 'A unicast peer is a virtual address.'),
  'source-virtual-address': kind(
    'HC1808',
    'warning',
    'semantic',
    'Advertisements are to come from a virtual address, which only a master has.',
  ),
  'vip-held-twice': kind('HC1809', 'warning', 'semantic', 'An address is held by two virtual routers.'),
  'password-well-known': kind('HC1820', 'warning', 'security', 'A password is one that many others have too.'),
  'vrid-of-sample': kind(
    'HC1821',
    'warning',
    'security',
    'Another cluster on this network that kept the id of the sample would be obeyed.',
  ),
  'key-of-one-character': kind('HC1822', 'warning', 'security', 'A key is one character again and again.'),
  'script-timeout-long': kind('HC1830', 'warning', 'semantic', 'A script may take longer than its interval.'),
  'user-like-argument': kind(
    'HC1831',
    'warning',
    'semantic',
    'A word after a program is taken for a user, and looks like an argument.',
  ),
  'script-signals-others': kind(
    'HC1832',
    'warning',
    'semantic',
    'A script sends signal 0 as a user who may not signal other users.',
  ),
  'sample-address': kind('HC1860', 'warning', 'semantic', 'An address is that of the sample configuration.'),
  'documentation-address': kind('HC1861', 'warning', 'semantic', 'An address is for documentation only.'),
  'address-of-loopback': kind('HC1862', 'warning', 'semantic', 'An address is that of the loopback interface.'),
} as const satisfies DiagnosticKinds
