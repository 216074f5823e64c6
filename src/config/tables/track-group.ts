import {type NamedAt, nameList} from '../schema/entries.ts'
import {blockKind} from '../schema/schema.ts'

/** `track_group` as it stands in the text: virtual routers that track static addresses, routes and rules. */
export interface TrackGroupSettings {
  readonly members: readonly NamedAt[]
}

/** The table of `track_group`. */
export const TRACK_GROUP = blockKind<TrackGroupSettings>('track_group', {
  members: nameList('group', {
    doc: 'virtual routers that go to fault when what names the group is lost',
    repeats: 'first-wins',
  }),
})
