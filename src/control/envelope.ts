import {API_VERSION} from './model.ts'
import {type CallName, type Observed, type ReplyOf, ROUTES} from './routes.ts'

/** Puts what a handler answered into what goes over the wire. */
export function envelope<Name extends CallName>(name: Name, {observedAt, value}: Observed<unknown>): ReplyOf<Name> {
  const {kind, shape} = ROUTES[name].reply
  const head = {apiVersion: API_VERSION, kind, observedAt}
  return (shape === 'list' ? {...head, items: value} : {...head, item: value}) as unknown as ReplyOf<Name>
}
