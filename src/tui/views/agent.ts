import type {ClusterPicture, NodePicture} from '../../watch/model.ts'
import {nodeSpan} from '../glyphs.ts'
import {type Column, cells, GAP, heads, span} from '../lines.ts'
import type {Drawing, Row, View} from '../model.ts'
import {hasWords} from '../sorting.ts'
import {type Fact, NODE_FACTS, nodeDetails} from './node-details.ts'

/** The agents themselves, a column a node, so that what differs between them stands out. */
export const AGENT_VIEW: View = {
  id: 'agent',
  title: 'agent',
  sorts: ['order', 'problem'],
  heading: (picture, drawing) => heads(layout(picture, drawing).columns, drawing.glyphs),
  rows: (picture, {filter, sort, node}) => {
    const rows = NODE_FACTS.map(fact => ({fact, rank: rankOf(picture, fact), row: factRow(picture, {fact, node})}))
    const ordered = sort === 'problem' ? [...rows].sort((a, b) => a.rank - b.rank) : rows
    return ordered.map(({row}) => row).filter(row => hasWords(row, filter))
  },
  empty: () => 'nothing about the agents has these words',
  details: (picture, subject, drawing) => (subject.type === 'node' ? nodeDetails(picture, drawing.node, drawing) : []),
}

const NAME_WIDTH = 16
const LEAST_NODE = 18
const MOST_NODE = 44

function layout({nodes}: ClusterPicture, drawing: Drawing) {
  const room = drawing.width - NAME_WIDTH
  const count = Math.max(1, Math.min(nodes.length, Math.floor(room / (LEAST_NODE + GAP))))
  const width = Math.max(1, Math.min(MOST_NODE, Math.floor(room / count) - GAP))
  const first = Math.max(0, Math.min(drawing.node - count + 1, nodes.length - count))
  const shown = nodes.slice(first, first + count)
  const columns: readonly Column[] = [
    {head: '', width: NAME_WIDTH},
    ...shown.map(({address}, at) => ({
      head: first + at === drawing.node ? `${drawing.glyphs.cursor}${address.name}` : address.name,
      width,
    })),
  ]
  return {columns, shown}
}

/** Trouble first, then what differs although it should be alike. */
function rankOf({nodes}: ClusterPicture, fact: Fact): number {
  const tones = nodes.map(node => (counts(node) ? fact.value(node)?.tone : undefined))
  if (tones.includes('bad')) return 0
  if (tones.includes('warning')) return 1
  return differs(nodes, fact) ? 2 : 3
}

const counts = ({state, agent}: NodePicture): boolean => agent !== null && state !== 'unknown'

/** Whether the nodes that are known say different things of what should be alike. */
function differs(nodes: readonly NodePicture[], {isAlike, value}: Fact): boolean {
  if (!isAlike) return false
  const texts = nodes.filter(counts).map(node => value(node)?.text ?? '')
  return new Set(texts).size > 1
}

function factRow(picture: ClusterPicture, {fact, node}: {readonly fact: Fact; readonly node: number}): Row {
  const {nodes} = picture
  const isDifferent = differs(nodes, fact)
  const texts = nodes.map(shown => (counts(shown) ? (fact.value(shown)?.text ?? '') : 'unknown'))
  return {
    key: fact.name,
    subject: {type: 'node', node},
    words: [fact.name, ...texts, isDifferent ? 'differs' : ''].join(' ').toLowerCase(),
    line: drawing => {
      const {columns, shown} = layout(picture, drawing)
      const name = isDifferent
        ? span(`${drawing.glyphs.warning} ${fact.name}`, 'warning')
        : span(`  ${fact.name}`, 'dim')
      const values = shown.map(of => {
        if (fact.name === 'state') return nodeSpan(of.state, drawing.glyphs)
        if (!counts(of)) return {text: `${drawing.glyphs.unknown} UNKNOWN`, tone: 'unknown' as const}
        return fact.value(of) ?? '-'
      })
      return cells(columns, [name, ...values], drawing.glyphs)
    },
  }
}
