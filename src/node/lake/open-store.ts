// A folder of Parquet files or the address of a database -> where its conversations are asked for.
import { isClickhouse } from './clickhouse-place.ts'
import { EVERYTHING, type FlowStore, type StoreChoice } from './flow-store.ts'

/** @throws CaptureError, UsageError: one line for the user */
export async function openStore(place: string, interrupt: AbortSignal, choice: StoreChoice = EVERYTHING): Promise<FlowStore> {
  if (isClickhouse(place)) {
    const { ClickhouseStore } = await import('./clickhouse-store.ts')
    return ClickhouseStore.open(place, interrupt, choice)
  }
  const { Lake } = await import('./lake.ts')
  return Lake.open(place, interrupt, choice)
}
