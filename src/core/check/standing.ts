/**
 * How a real server, or a sorry server, of a service is to be in IPVS by its checks. `in`: with its weight and what is
 * added to that; `inhibited`: with weight 0; `out`: not at all.
 */
export type Standing =
  | {readonly type: 'in'; readonly weight: number}
  | {readonly type: 'inhibited'}
  | {readonly type: 'out'}

/**
 * Standings by `serviceKey`, then by `destinationKey`. Who is not in it stands as the configuration or an order has it.
 */
export type Standings = ReadonlyMap<string, ReadonlyMap<string, Standing>>
