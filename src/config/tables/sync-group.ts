import type {Command} from '../config.ts'
import {alone, onOff} from '../schema/arguments.ts'
import {inherited, type NamedAt, nameList, settings} from '../schema/entries.ts'
import {blockKind} from '../schema/schema.ts'
import {deprecated} from './deprecated.ts'
import {notify} from './notify.ts'
import {type TrackLine, trackLines} from './track-lines.ts'

/** `vrrp_sync_group` as it stands in the text. */
export interface SyncGroupSettings {
  readonly members: readonly NamedAt[]
  readonly trackInterfaces: readonly TrackLine[]
  readonly trackScripts: readonly TrackLine[]
  readonly trackFiles: readonly TrackLine[]
  readonly trackProcesses: readonly TrackLine[]
  readonly trackBfds: readonly TrackLine[]
  readonly notifyMaster: Command | undefined
  readonly notifyBackup: Command | undefined
  readonly notifyFault: Command | undefined
  readonly notifyStop: Command | undefined
  readonly notifyAny: Command | undefined
  readonly smtpAlert: boolean | undefined
  readonly trackingWeight: boolean
  readonly notifyPriorityChanges: boolean | undefined
}

/** The table of `vrrp_sync_group`. */
export const SYNC_GROUP = blockKind<SyncGroupSettings>('vrrp_sync_group', {
  members: nameList('group', {doc: 'virtual routers that change state together', repeats: 'first-wins'}),
  trackInterfaces: trackLines('track_interface', {doc: 'interfaces whose failure is a fault of all members'}),
  trackScripts: trackLines('track_script', {doc: 'scripts whose failure is a fault of all members'}),
  trackFiles: trackLines('track_file', {doc: 'files whose value is a fault of all members'}),
  trackProcesses: trackLines('track_process', {doc: 'processes whose absence is a fault of all members'}),
  trackBfds: trackLines('track_bfd', {doc: 'BFD sessions whose failure is a fault of all members'}),
  notifyMaster: notify('notify_master', 'becoming master'),
  notifyBackup: notify('notify_backup', 'becoming backup'),
  notifyFault: notify('notify_fault', 'going to fault'),
  notifyStop: notify('notify_stop', 'stopping'),
  notifyAny: notify('notify', 'every change, with GROUP NAME STATE 0 appended'),
  smtpAlert: inherited('smtp_alert', onOff, {
    doc: 'whether to send mail when the group changes state',
    defaultText: 'smtp_alert_vrrp or smtp_alert of global_defs, or else off',
  }),
  trackingWeight: settings(
    {
      sync_group_tracking_weight: alone(true),
      global_tracking: deprecated(alone(true), 'write sync_group_tracking_weight'),
    },
    {initial: false, doc: 'permit members to have weights of their own', defaultText: 'off'},
  ),
  notifyPriorityChanges: inherited('notify_priority_changes', onOff, {
    doc: 'whether notify runs when only the priority changes',
    defaultText: 'vrrp_notify_priority_changes of global_defs',
  }),
})
