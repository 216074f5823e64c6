import type {VipConfig} from '../../config/config.ts'
import {isAddressPresent} from './address-spec.ts'
import type {Context} from './context.ts'
import {addressObject, describeObject, type HeldObject, objectsOf} from './held-object.ts'
import {lookupIn} from './link-lookup.ts'
import {deviceOf} from './network-view.ts'
import {entry} from './news.ts'
import {type Addition, ObjectHolder} from './object-holder.ts'
import {announce} from './perform.ts'
import {isMaster, type Router} from './router.ts'

/** What keeps the objects of a router where its machine wants them. `router` is asked when something happens. */
export function holderFor(context: Context, router: () => Router): ObjectHolder {
  const {kernel, listener} = context
  return new ObjectHolder(
    kernel.objects,
    {
      onAdded: (object, how) => added(context, router(), object, how),
      onRemoved: () => listener.onRouterChanged(router(), false),
      onFailed: (object, verb, reason) => {
        const text = `could not ${verb} ${describeObject(object)}: ${reason}`
        listener.onJournal(entry('kernel-error', router(), text, {...addressFact(object), reason}))
      },
    },
    lookupIn(kernel.network),
  )
}

/** Whether somebody took away what a master holds. */
export function hasLost({kernel}: Context, {holder, state, observed}: Router): boolean {
  if (state.name !== 'master' || observed) return false
  return holder.missing(({vip, device}) => isAddressPresent(kernel.network, vip, device)).length > 0
}

/** Whether the kernel has taken a virtual address of a master. */
export const holdsVip = ({config, holder}: Router, vip: VipConfig): boolean =>
  holder.holds(addressObject(vip, deviceOf(config, vip)))

/** The virtual addresses that may be announced: those that the kernel has taken. */
export const heldVips = ({config, holder}: Router): readonly VipConfig[] =>
  objectsOf(config).flatMap(object => (object.kind === 'address' && holder.holds(object) ? object.vip : []))

function added({kernel, listener}: Context, router: Router, object: HeldObject, how: Addition): void {
  const {adopted, restored, announce: times} = how
  if (object.kind === 'address' && times > 0 && isMaster(router)) announce(kernel, router, [object.vip], times)
  const facts = addressFact(object)
  if (restored) {
    const text = `${describeObject(object)} was removed by somebody else and is back`
    listener.onJournal(entry('vip-restored', router, text, facts))
  } else if (adopted && !router.holder.everHeld(object)) {
    listener.onJournal(entry('vip-adopted', router, `${describeObject(object)} was there already and is kept`, facts))
  }
  listener.onRouterChanged(router, true)
}

const addressFact = (object: HeldObject): {readonly address: string | null} => ({
  address: object.kind === 'address' ? object.vip.address : null,
})
