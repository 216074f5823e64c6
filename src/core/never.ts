/** Stops the build where a union has grown an arm that a `switch` does not handle; throws if it happens anyway. */
export function unreachable(value: never): never {
  throw new Error(`unhandled value: ${JSON.stringify(value)}`)
}
