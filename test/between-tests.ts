import {setImmediate} from 'node:timers/promises'
import {afterEach} from 'vitest'

// Tests that wait for nothing follow each other in one turn of the loop, and a worker that has not read for a minute
// counts as lost: "Timeout calling onTaskUpdate".
afterEach(() => setImmediate())
