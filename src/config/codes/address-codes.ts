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
} as const satisfies DiagnosticKinds
