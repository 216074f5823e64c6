import type {RouterConfig} from './router-config.ts'

/** The same virtual router, whatever its name: two of one identity cannot run beside each other. */
export const routerIdentity = (config: RouterConfig): string => `${config.interface} ${config.vrid}`

/** Whether a running router can take a configuration of its identity without ending. */
export const goesOnAs = (before: RouterConfig, after: RouterConfig): boolean =>
  routerIdentity(before) === routerIdentity(after) && before.version === after.version

/** Whether two configurations differ in nothing but where they stand in their files. */
export function sameMeaning(a: RouterConfig, b: RouterConfig): boolean {
  const meaning = (config: RouterConfig): string =>
    JSON.stringify(config, (key, value: unknown) => (key === 'position' ? undefined : value))
  return meaning(a) === meaning(b)
}
