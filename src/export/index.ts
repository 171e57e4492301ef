// The export formats that are text, by the name that --to takes. (parquet.ts is the other one.)
import { CSV } from './csv.ts'
import { ECS } from './ecs.ts'
import { EVE } from './eve.ts'
import type { ExportFormat } from './format.ts'
import type { TextFormatName } from './format-names.ts'
import { GEOJSON } from './geojson.ts'
import { misp } from './misp.ts'
import { NETFLOW_CSV } from './netflow-csv.ts'
import { OCSF } from './ocsf.ts'
import { stix } from './stix.ts'
import { ZEEK, ZEEK_JSON } from './zeek.ts'

const FORMATS: Record<TextFormatName, (form: ExportForm) => ExportFormat> = {
  zeek: ({ isJson }) => (isJson ? ZEEK_JSON : ZEEK),
  eve: () => EVE,
  ecs: () => ECS,
  ocsf: () => OCSF,
  csv: () => CSV,
  geojson: () => GEOJSON,
  'netflow-csv': () => NETFLOW_CSV,
  stix: ({ isPrivate }) => stix(isPrivate),
  misp: ({ isPrivate }) => misp(isPrivate),
}

/** For formats that have several. */
export interface ExportForm {
  /** Zeek's logs as JSON. */
  isJson: boolean
  /** With the victims of incidents: their addresses, names and accounts. */
  isPrivate: boolean
}

export function exportFormat(name: TextFormatName, form: ExportForm = { isJson: false, isPrivate: false }): ExportFormat {
  return FORMATS[name](form)
}
