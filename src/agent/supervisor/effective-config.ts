import type {Config} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'

/** A configuration with what operators changed at run time in it: `hactl config show --effective`. */
export function effectiveConfig(config: Config, routers: readonly RouterConfig[]): Config {
  const byName = new Map(routers.map(router => [router.name, router]))
  return {
    ...config,
    instances: config.instances.map(instance => {
      const router = byName.get(instance.name)
      if (!router) return instance
      const {priority, vips, excludedVips} = router
      const kept = <Vip extends {readonly address: string}>(before: readonly Vip[], now: readonly Vip[]) =>
        // A router's addresses may name interfaces that were made for it; those of the text stay as they are.
        now.map(vip => before.find(({address}) => address === vip.address) ?? vip)
      return {
        ...instance,
        priority,
        vips: kept(instance.vips, vips),
        excludedVips: kept(instance.excludedVips, excludedVips),
      }
    }),
  }
}
