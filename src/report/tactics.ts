// ATT&CK technique of a finding -> its tactic, and which end of the finding is harmed: the source that obeys somebody, or the target that is attacked.
import { ownValue } from '../own-value.ts'

export interface Tactic {
  name: string
  harmed: 'source' | 'target'
}

const RECONNAISSANCE: Tactic = { name: 'Reconnaissance', harmed: 'target' }
const ACCESS: Tactic = { name: 'Initial Access', harmed: 'target' }
const EXECUTION: Tactic = { name: 'Execution', harmed: 'target' }
const CREDENTIALS: Tactic = { name: 'Credential Access', harmed: 'target' }
const EXPOSED: Tactic = { name: 'Credential Access', harmed: 'source' }
const DISCOVERY: Tactic = { name: 'Discovery', harmed: 'target' }
const LATERAL: Tactic = { name: 'Lateral Movement', harmed: 'target' }
const CONTROL: Tactic = { name: 'Command and Control', harmed: 'source' }
const EVASION: Tactic = { name: 'Defense Evasion', harmed: 'source' }
const EXFILTRATION: Tactic = { name: 'Exfiltration', harmed: 'source' }
const IMPACT: Tactic = { name: 'Impact', harmed: 'target' }

/** Of MITRE ATT&CK for Enterprise, version 16, and for ICS; of a technique with several tactics, the one that the rules mean. */
const TACTICS: Record<string, Tactic> = {
  T0855: { name: 'Impair Process Control', harmed: 'target' },
  T1003: CREDENTIALS,
  T1016: DISCOVERY,
  T1018: DISCOVERY,
  T1021: LATERAL,
  T1036: EVASION,
  T1040: EXPOSED,
  T1046: DISCOVERY,
  T1047: EXECUTION,
  T1048: EXFILTRATION,
  T1053: EXECUTION,
  T1071: CONTROL,
  T1087: DISCOVERY,
  T1090: CONTROL,
  T1095: CONTROL,
  T1105: CONTROL,
  T1110: CREDENTIALS,
  T1112: { name: 'Defense Evasion', harmed: 'target' },
  T1187: CREDENTIALS,
  T1189: { name: 'Initial Access', harmed: 'source' },
  T1190: ACCESS,
  T1210: LATERAL,
  T1496: { name: 'Impact', harmed: 'source' },
  T1498: IMPACT,
  T1499: IMPACT,
  T1518: DISCOVERY,
  T1557: CREDENTIALS,
  T1558: CREDENTIALS,
  T1568: CONTROL,
  T1569: EXECUTION,
  T1571: CONTROL,
  T1572: CONTROL,
  T1573: CONTROL,
  T1590: RECONNAISSANCE,
  T1595: RECONNAISSANCE,
}

/** Null for a finding without a technique, and for one that this version does not know. @param technique e.g. T1071.004 */
export function tacticOf(technique: string | null): Tactic | null {
  return technique === null ? null : (ownValue(TACTICS, technique.slice(0, 5)) ?? null)
}
