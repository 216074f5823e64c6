import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about scripts and tracking (13), virtual routers and their groups (14). */
export const VRRP_CODES = {
  'script-duplicate': kind(
    'HC1309',
    'warning',
    'semantic',
    'A vrrp_script has the name of an earlier one, which is the one tracked.',
  ),
  'script-missing': kind('HC1301', 'error', 'semantic', 'A vrrp_script names no script; it is left out.'),
  'script-shell-syntax': kind('HC1302', 'warning', 'semantic', 'A command has shell syntax, but no shell reads it.'),
  'script-undefined': kind(
    'HC1303',
    'error',
    'semantic',
    'A tracked script is not defined before this line; it is not tracked.',
  ),
  'script-unused': kind('HC1304', 'warning', 'semantic', 'No virtual router tracks a script, so it never runs.'),
  'script-relative': kind(
    'HC1305',
    'warning',
    'semantic',
    'A command is not an absolute path; it is looked for in PATH.',
  ),
  'init-fail-without-effect': kind(
    'HC1306',
    'warning',
    'semantic',
    'The keyword init_fail has no effect on a script that is tracked.',
  ),
  'track-weight-owner': kind(
    'HC1307',
    'warning',
    'semantic',
    'The priority of an address owner never changes; the weight is unused.',
  ),
  'script-tracked-twice': kind(
    'HC1308',
    'error',
    'semantic',
    'A virtual router tracks one script twice; the earlier line counts.',
  ),
  'vrid-missing': kind(
    'HC1401',
    'error',
    'semantic',
    'A virtual router has no valid virtual_router_id; it is left out.',
  ),
  'interface-missing': kind('HC1402', 'error', 'semantic', 'A virtual router has no valid interface; it is left out.'),
  'vrid-duplicate': kind(
    'HC1403',
    'error',
    'semantic',
    'Two virtual routers share an id on one interface; the later is left out.',
  ),
  'advert-int-corrected': kind(
    'HC1404',
    'error',
    'semantic',
    'The advertisement interval does not suit the version of VRRP.',
  ),
  'preempt-corrected': kind(
    'HC1405',
    'error',
    'semantic',
    'nopreempt or preempt_delay contradicts another setting and is cleared.',
  ),
  'authentication-corrected': kind(
    'HC1406',
    'error',
    'semantic',
    'The authentication is incomplete or not permitted; there is none.',
  ),
  'authentication-untyped': kind('HC1407', 'warning', 'semantic', 'auth_pass without auth_type authenticates nothing.'),
  'auth-pass-truncated': kind(
    'HC1408',
    'error',
    'semantic',
    'auth_pass has more than eight bytes; the rest is cut off.',
  ),
  'state-contradicts-priority': kind('HC1409', 'warning', 'semantic', 'state and priority 255 contradict each other.'),
  'state-master-repeated': kind('HC1410', 'error', 'semantic', 'state BACKUP after state MASTER is ignored.'),
} as const satisfies DiagnosticKinds
