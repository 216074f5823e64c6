/** What a decoder returns: bytes from outside are a value to count, never an exception. */
export type Decoded<Value, Failure extends string> =
  | {readonly ok: true; readonly value: Value}
  | {readonly ok: false; readonly failure: Failure}

export const decoded = <Value>(value: Value): {readonly ok: true; readonly value: Value} => ({ok: true, value})

export const rejected = <Failure extends string>(
  failure: Failure,
): {readonly ok: false; readonly failure: Failure} => ({
  ok: false,
  failure,
})
