// The export formats that are text, by the name that --to takes. (parquet.ts is the other one.)
import { CSV } from './csv.ts'
import { ECS } from './ecs.ts'
import { EVE } from './eve.ts'
import type { ExportFormat } from './format.ts'
import type { TextFormatName } from './format-names.ts'
import { GEOJSON } from './geojson.ts'
import { NETFLOW_CSV } from './netflow-csv.ts'
import { OCSF } from './ocsf.ts'
import { ZEEK, ZEEK_JSON } from './zeek.ts'

const FORMATS: Record<TextFormatName, ExportFormat> = {
  zeek: ZEEK,
  eve: EVE,
  ecs: ECS,
  ocsf: OCSF,
  csv: CSV,
  geojson: GEOJSON,
  'netflow-csv': NETFLOW_CSV,
}

/** @param isJson Zeek's logs as JSON; other formats have one form only */
export function exportFormat(name: TextFormatName, isJson = false): ExportFormat {
  return name === 'zeek' && isJson ? ZEEK_JSON : FORMATS[name]
}
