/**
 * The part of the schema of SARIF 2.1.0 (OASIS sarif-schema-2.1.0.json) that hactl writes: for each kind of object the
 * properties that it may have, each with its own kind, and those that it must have.
 */
const OBJECTS: {readonly [kind: string]: {readonly [property: string]: Property}} = {
  log: {
    $schema: {is: 'uri'},
    version: {is: '2.1.0', required: true},
    runs: {is: 'run', many: true, required: true},
  },
  run: {
    tool: {is: 'tool', required: true},
    columnKind: {is: ['utf16CodeUnits', 'unicodeCodePoints']},
    results: {is: 'result', many: true},
  },
  tool: {driver: {is: 'toolComponent', required: true}},
  toolComponent: {
    name: {is: 'text', required: true},
    semanticVersion: {is: 'text'},
    informationUri: {is: 'uri'},
    rules: {is: 'reportingDescriptor', many: true},
  },
  reportingDescriptor: {
    id: {is: 'text', required: true},
    name: {is: 'text'},
    shortDescription: {is: 'message'},
    help: {is: 'message'},
    defaultConfiguration: {is: 'reportingConfiguration'},
    properties: {is: 'propertyBag'},
  },
  reportingConfiguration: {level: {is: ['none', 'note', 'warning', 'error']}},
  propertyBag: {tags: {is: 'text', many: true}},
  message: {text: {is: 'text', required: true}},
  result: {
    ruleId: {is: 'text'},
    ruleIndex: {is: 'index'},
    level: {is: ['none', 'note', 'warning', 'error']},
    message: {is: 'message', required: true},
    locations: {is: 'location', many: true},
    relatedLocations: {is: 'location', many: true},
  },
  location: {
    id: {is: 'index'},
    message: {is: 'message'},
    physicalLocation: {is: 'physicalLocation'},
  },
  physicalLocation: {
    artifactLocation: {is: 'artifactLocation', required: true},
    region: {is: 'region'},
    contextRegion: {is: 'region'},
  },
  artifactLocation: {uri: {is: 'uri'}},
  region: {
    startLine: {is: 'count', required: true},
    startColumn: {is: 'count'},
    endColumn: {is: 'count'},
    snippet: {is: 'artifactContent'},
  },
  artifactContent: {text: {is: 'string'}},
}

interface Property {
  /** The kind of its value: of an object, of a plain value, or the words it may be. */
  readonly is: string | readonly string[]
  readonly many?: boolean
  readonly required?: boolean
}

const PLAIN: {readonly [kind: string]: (value: unknown) => boolean} = {
  string: value => typeof value === 'string',
  text: value => typeof value === 'string' && value.trim() !== '',
  uri: value =>
    typeof value === 'string' && /^[\w.~!$&'()*+,;=:@/?#%[\]-]+$/.test(value) && !/%(?![\dA-F]{2})/.test(value),
  count: value => Number.isInteger(value) && Number(value) >= 1,
  index: value => Number.isInteger(value) && Number(value) >= -1,
}

/** Where a value is no SARIF log; empty for a good one. */
export function sarifProblems(log: unknown): readonly string[] {
  return problemsOf(log, 'log', '')
}

function problemsOf(value: unknown, kind: string | readonly string[], path: string): readonly string[] {
  if (typeof kind !== 'string') return kind.includes(String(value)) ? [] : [`${path}: ${value}`]
  const plain = PLAIN[kind]
  if (plain) return plain(value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${kind}`]
  const properties = OBJECTS[kind]
  if (!properties) return value === kind ? [] : [`${path}: not ${kind}`]
  if (typeof value !== 'object' || value === null) return [`${path}: no object`]
  const missing = Object.entries(properties).filter(([name, {required}]) => required && !(name in value))
  return [
    ...missing.map(([name]) => `${path}/${name}: missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const property = properties[name]
      const where = `${path}/${name}`
      if (!property) return [`${where}: unknown`]
      if (!property.many) return problemsOf(inner, property.is, where)
      if (!Array.isArray(inner)) return [`${where}: no list`]
      return inner.flatMap((item, at) => problemsOf(item, property.is, `${where}/${at}`))
    }),
  ]
}
