import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about what this host lacks (17). */
export const HOST_CODES = {
  'interface-absent': kind('HC1701', 'error', 'environment', 'This host has no interface of that name.'),
  'interface-down': kind('HC1702', 'warning', 'environment', 'An interface that virtual routers run on is down.'),
  'interface-without-multicast': kind(
    'HC1703',
    'warning',
    'environment',
    'An interface has no multicast, by which a virtual router is to advertise.',
  ),
  'interface-without-address': kind(
    'HC1704',
    'warning',
    'environment',
    'An interface has no address to advertise from: its virtual routers stay in fault.',
  ),
  'source-not-here': kind('HC1705', 'warning', 'environment', 'This host lacks the address to advertise from.'),
  'peer-is-here': kind('HC1706', 'warning', 'environment', 'A unicast peer is an address of this host.'),
  'vip-already-here': kind(
    'HC1707',
    'warning',
    'environment',
    'A virtual address is one that this host has anyway, whoever is master.',
  ),
  'vip-off-subnet': kind(
    'HC1708',
    'warning',
    'environment',
    'A virtual address is in no network of its interface, and brings none.',
  ),
  'vip-other-network': kind(
    'HC1709',
    'info',
    'environment',
    'A virtual address is in a network that its interface has no other address of.',
  ),
  'program-absent': kind('HC1720', 'error', 'environment', 'A program is not there; it is never run.'),
  'program-not-executable': kind('HC1721', 'error', 'environment', 'A program may not be executed by its user.'),
  'script-user-absent': kind('HC1722', 'error', 'environment', 'This host has no user or group of that name.'),
  'script-default-user-absent': kind(
    'HC1723',
    'error',
    'environment',
    'No user is named for scripts, and the default one is not there.',
  ),
  'script-security-off': kind(
    'HC1724',
    'warning',
    'security',
    'Scripts run as root, and nothing keeps others from changing them.',
  ),
  'program-changeable': kind('HC1725', 'warning', 'security', 'Others than root can change a program that root runs.'),
  'program-refused': kind(
    'HC1726',
    'error',
    'security',
    'Others than root can change a program, so that it is not run.',
  ),
  'program-through-link': kind(
    'HC1727',
    'warning',
    'environment',
    'The path of a program has a symbolic link, which keepalived 2.4 refuses as root.',
  ),
  'file-absent': kind('HC1740', 'error', 'environment', 'A file is not there.'),
  'directory-absent': kind(
    'HC1741',
    'error',
    'environment',
    'The directory that a file is to be made in is not there.',
  ),
  'fifo-is-no-pipe': kind('HC1742', 'error', 'environment', 'What is to become a pipe is something else.'),
  'key-file-open': kind('HC1743', 'error', 'security', 'Others than its owner can read the file of a key.'),
  'namespace-absent': kind('HC1744', 'error', 'environment', 'This host has no network namespace of that name.'),
  'agent-running': kind('HC1750', 'info', 'environment', 'A keepalived already runs on this host.'),
} as const satisfies DiagnosticKinds
