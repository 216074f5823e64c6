import type {Severity} from './config.ts'

/** One kind of finding: its stable code, how grave it is, and a sentence for the list of codes. */
export interface DiagnosticKind {
  readonly code: string
  readonly severity: Severity
  readonly meaning: string
}

/**
 * Every kind of finding about a configuration. The codes are stable and never reused: 10 reading files, 11 text and
 * braces, 12 keywords and their arguments, 13 scripts, 14 virtual routers, 15 addresses, 19 not acted on yet.
 */
export const DIAGNOSTIC_KINDS = {
  'too-many-findings': kind('HC1001', 'error', 'There were more findings than are shown.'),
  'include-missing': kind('HC1002', 'warning', 'No file matches an include; keepalived reads on without it.'),
  'include-required-missing': kind('HC1003', 'error', 'No file matches an include that has to match.'),
  'include-unreadable': kind('HC1004', 'error', 'An included file cannot be read.'),
  'include-loop': kind('HC1005', 'error', 'A file includes itself, directly or through others.'),
  'include-limit': kind('HC1006', 'error', 'Too many files, too many bytes or includes nested too deeply.'),
  'include-skipped': kind('HC1007', 'error', 'An included file is executable or not a regular file, so it is skipped.'),
  'file-executable': kind('HC1008', 'warning', 'The file is executable; keepalived would not read it.'),
  'too-many-lines': kind('HC1009', 'error', 'The configuration has too many lines; the rest is not read.'),

  'line-too-long': kind('HC1101', 'error', 'A line has 1,023 bytes or more and is ignored.'),
  'unterminated-quote': kind(
    'HC1102',
    'error',
    'A double quote is not closed on its line; what follows it is ignored.',
  ),
  'brace-not-closed': kind('HC1103', 'error', "A '{' has no matching '}'."),
  'brace-extra': kind('HC1104', 'error', "A '}' closes nothing."),
  'brace-missing': kind('HC1105', 'error', "A keyword that opens a block is not followed by '{'."),
  'brace-unexpected': kind('HC1106', 'error', "A '{' follows something that opens no block; what it holds is ignored."),
  'nested-too-deeply': kind('HC1107', 'error', 'Blocks are nested too deeply; the inner ones are ignored.'),
  'look-alike': kind('HC1108', 'warning', 'A character looks like another that would have a meaning here.'),
  'control-character': kind('HC1109', 'error', 'A line holds a NUL byte; what follows it is ignored.'),
  'definition-unknown': kind('HC1110', 'warning', 'A $NAME that is not defined stays as it is written.'),
  'definition-braces-unknown': kind('HC1111', 'error', 'A name in $ and braces is not defined.'),
  'definition-endless': kind('HC1112', 'error', 'A definition refers to itself or grows too long.'),
  'repetition-malformed': kind('HC1114', 'error', 'A ~SEQ or ~LST is malformed.'),
  'predefined-unsupported': kind('HC1115', 'error', 'A predefined name is not supported yet.'),
  'comment-in-word': kind('HC1116', 'warning', 'A comment begins in the middle of a word.'),

  'unknown-keyword': kind('HC1201', 'error', 'Nobody knows this keyword; it is ignored, with its block.'),
  'misplaced-keyword': kind('HC1202', 'error', 'The keyword stands in other blocks than this one; it is ignored.'),
  'argument-missing': kind('HC1203', 'error', 'A keyword lacks its argument and is ignored.'),
  'argument-invalid': kind('HC1204', 'error', 'An argument is not permitted here; the line has no effect.'),
  'argument-corrected': kind('HC1205', 'error', 'An argument is not permitted and another is used in its place.'),
  'words-left-over': kind('HC1206', 'warning', 'Words at the end of a line have no effect.'),
  'given-again': kind('HC1207', 'warning', 'A keyword is given again in a block; the later one counts.'),
  'given-again-ignored': kind('HC1208', 'error', 'A keyword is given again in a block; the earlier one counts.'),
  'name-missing': kind('HC1209', 'error', 'A block has no name; it is ignored.'),
  'name-duplicate': kind('HC1210', 'error', 'A block has the name of an earlier one; it is ignored.'),

  'script-duplicate': kind(
    'HC1309',
    'warning',
    'A vrrp_script has the name of an earlier one, which is the one tracked.',
  ),
  'script-missing': kind('HC1301', 'error', 'A vrrp_script names no script; it is left out.'),
  'script-shell-syntax': kind('HC1302', 'warning', 'A command has shell syntax, but no shell reads it.'),
  'script-undefined': kind('HC1303', 'error', 'A tracked script is not defined before this line; it is not tracked.'),
  'script-unused': kind('HC1304', 'warning', 'No virtual router tracks a script, so it never runs.'),
  'script-relative': kind('HC1305', 'warning', 'A command is not an absolute path; it is looked for in PATH.'),
  'init-fail-without-effect': kind(
    'HC1306',
    'warning',
    'The keyword init_fail has no effect on a script that is tracked.',
  ),
  'track-weight-owner': kind(
    'HC1307',
    'warning',
    'The priority of an address owner never changes; the weight is unused.',
  ),
  'script-tracked-twice': kind('HC1308', 'error', 'A virtual router tracks one script twice; the earlier line counts.'),

  'vrid-missing': kind('HC1401', 'error', 'A virtual router has no valid virtual_router_id; it is left out.'),
  'interface-missing': kind('HC1402', 'error', 'A virtual router has no valid interface; it is left out.'),
  'vrid-duplicate': kind('HC1403', 'error', 'Two virtual routers share an id on one interface; the later is left out.'),
  'advert-int-corrected': kind('HC1404', 'error', 'The advertisement interval does not suit the version of VRRP.'),
  'preempt-corrected': kind(
    'HC1405',
    'error',
    'nopreempt or preempt_delay contradicts another setting and is cleared.',
  ),
  'authentication-corrected': kind(
    'HC1406',
    'error',
    'The authentication is incomplete or not permitted; there is none.',
  ),
  'authentication-untyped': kind('HC1407', 'warning', 'auth_pass without auth_type authenticates nothing.'),
  'auth-pass-truncated': kind('HC1408', 'error', 'auth_pass has more than eight bytes; the rest is cut off.'),
  'state-contradicts-priority': kind('HC1409', 'warning', 'state and priority 255 contradict each other.'),
  'state-master-repeated': kind('HC1410', 'error', 'state BACKUP after state MASTER is ignored.'),

  'vip-invalid': kind('HC1501', 'error', 'A virtual address is not an address; it is left out.'),
  'vip-option-invalid': kind('HC1502', 'error', 'An option of a virtual address is unknown or malformed.'),
  'vip-duplicate': kind('HC1503', 'warning', 'A virtual address is listed twice; the second is left out.'),
  'vip-family-differs': kind(
    'HC1504',
    'error',
    'A virtual address is of another family than the first; it is left out.',
  ),
  'vip-missing': kind('HC1505', 'error', 'A virtual router has no virtual address.'),
  'vip-too-many': kind('HC1506', 'error', 'More virtual addresses than fit one advertisement; the rest are left out.'),
  'vip-unusual': kind('HC1507', 'warning', 'A virtual address is that of a network or of a broadcast.'),
  'vip-shared': kind('HC1508', 'warning', 'Two virtual routers hold one address on one interface.'),

  'not-acted-on': kind('HC1901', 'info', 'keepalived knows the keyword; it is accepted, but not acted on yet.'),
  'not-acted-on-changes': kind('HC1902', 'warning', 'A keyword is not acted on yet, and that changes what happens.'),
  'instance-left-out': kind('HC1903', 'warning', 'A virtual router needs something not supported yet; it is left out.'),
} as const satisfies {readonly [name: string]: DiagnosticKind}

/** The name of a kind of finding. */
export type DiagnosticName = keyof typeof DIAGNOSTIC_KINDS

function kind(code: string, severity: Severity, meaning: string): DiagnosticKind {
  return {code, severity, meaning}
}
