import type {ClusterPicture} from '../watch/model.ts'
import type {Row} from './model.ts'
import {isSameLine, layOutScreen, type Scene, type ScreenLine} from './screen-layout.ts'
import type {DashboardState} from './state.ts'
import {VIEWS} from './views.ts'

/** Lays scenes out; the lines of the one before stay where they look the same. */
export function laidOut(): (scene: Scene) => readonly ScreenLine[] {
  let known: Scene | undefined
  let lines: readonly ScreenLine[] = []
  return scene => {
    if (scene === known) return lines
    known = scene
    const before = lines
    const now = layOutScreen(scene)
    const isSame = now.length === before.length && now.every((line, at) => isSameLine(line, before[at] ?? line))
    if (!isSame) lines = now
    return lines
  }
}

/** Rows of the view that is shown, made anew when the picture or what is asked for differs. */
export function rememberedRows(): (picture: ClusterPicture, state: DashboardState) => readonly Row[] {
  let rows: readonly Row[] = []
  let known: readonly unknown[] = []
  return (picture, {view, views, node}) => {
    const {filter, sort, open} = views[view]
    const now = [picture, view, filter, sort, open, node]
    if (now.length !== known.length || now.some((part, at) => part !== known[at])) {
      rows = VIEWS[view].rows(picture, {filter, sort, open, node})
      known = now
    }
    return rows
  }
}
