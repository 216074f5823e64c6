import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about addresses, routes and rules (15). */
export const ADDRESS_CODES = {
  'vip-invalid': kind('HC1501', 'error', 'semantic', 'A virtual address is not an address; it is left out.'),
  'vip-option-invalid': kind('HC1502', 'error', 'semantic', 'An option of a virtual address is unknown or malformed.'),
  'vip-duplicate': kind('HC1503', 'error', 'semantic', 'A virtual address is listed twice; the second is left out.'),
  'vip-family-differs': kind(
    'HC1504',
    'error',
    'semantic',
    'A virtual address is of another family than the first; it is left out.',
  ),
  'vip-missing': kind('HC1505', 'error', 'semantic', 'A virtual router has no virtual address.'),
  'vip-too-many': kind(
    'HC1506',
    'error',
    'semantic',
    'More virtual addresses than fit one advertisement; the rest are left out.',
  ),
  'vip-unusual': kind('HC1507', 'warning', 'semantic', 'A virtual address is that of a network or of a broadcast.'),
  'vip-shared': kind('HC1508', 'warning', 'semantic', 'Two virtual routers hold one address on one interface.'),
  'vip-option-surprising': kind('HC1509', 'warning', 'semantic', 'An option of a virtual address has no effect.'),
  'route-invalid': kind(
    'HC1510',
    'error',
    'semantic',
    'A route, or one of its next hops, makes no sense; it is left out.',
  ),
  'route-corrected': kind(
    'HC1511',
    'error',
    'semantic',
    'A word of a route is ignored, or another is used in its place.',
  ),
  'route-unusual': kind(
    'HC1512',
    'warning',
    'semantic',
    'A route is accepted, but the kernel refuses it or reads it otherwise.',
  ),
  'rule-invalid': kind('HC1513', 'error', 'semantic', 'A rule makes no sense; it is left out.'),
  'rule-corrected': kind(
    'HC1514',
    'error',
    'semantic',
    'A word of a rule is ignored, or another is used in its place.',
  ),
  'rule-unusual': kind(
    'HC1515',
    'warning',
    'semantic',
    'A rule is accepted, but the kernel refuses it or reads it otherwise.',
  ),
  'rule-without-preference': kind(
    'HC1516',
    'error',
    'semantic',
    'A rule has no preference; it gets one, from 16384 downwards.',
  ),
  'track-group-undefined': kind(
    'HC1517',
    'error',
    'semantic',
    'A static object names a track_group that is not defined before it; nobody tracks it.',
  ),
  'track-group-without-interface': kind(
    'HC1518',
    'error',
    'semantic',
    'A static route or rule without an interface cannot be tracked by a track_group.',
  ),
  'static-duplicate': kind(
    'HC1519',
    'warning',
    'semantic',
    'A static address is listed twice; the second is left out.',
  ),
} as const satisfies DiagnosticKinds
