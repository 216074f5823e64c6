import type {LvsService} from '../../control/lvs-model.ts'
import {type IpvsMetrics, REAL_NUMBERS, SERVICE_NUMBERS} from '../../core/metrics/ipvs-metrics.ts'

/** Packs services with their real servers, as far as the kernel has them. */
export function packIpvsMetrics(services: readonly LvsService[]): IpvsMetrics {
  const inKernel = services.map(service => service.realServers.filter(({present}) => present))
  const count = inKernel.reduce((sum, reals) => sum + reals.length, 0)
  const serviceNumbers = new Float64Array(services.length * SERVICE_NUMBERS.length)
  const realNumbers = new Float64Array(count * REAL_NUMBERS.length)
  let realNames = ''
  let n = 0
  for (const [i, service] of services.entries()) {
    for (const [j, field] of SERVICE_NUMBERS.entries()) {
      serviceNumbers[i * SERVICE_NUMBERS.length + j] = service.counters[field]
    }
    for (const real of inKernel[i] ?? []) {
      realNames += `${real.name}\n`
      for (const field of SERVICE_NUMBERS) realNumbers[n++] = real.counters[field]
      realNumbers[n++] = real.weight
      realNumbers[n++] = real.activeConnections
      realNumbers[n++] = real.inactiveConnections
    }
  }
  return {
    services: services.map(({name, configured, present}, i) => ({
      name,
      configured: configured ?? '',
      present,
      realServers: inKernel[i]?.length ?? 0,
    })),
    serviceNumbers,
    realNames,
    realNumbers,
  }
}
