// All rules, in the order `rtnvis rules` lists them.
import type { Rule } from '../finding.ts'
import { bruteForce } from './brute-force.ts'
import { flood } from './flood.ts'
import { portScan } from './port-scan.ts'
import { sweep } from './sweep.ts'
import { synFlood } from './syn-flood.ts'

/** Of the whole set; raised with every change to a rule. */
export const RULES_VERSION = '1'

export const RULES: readonly Rule[] = [portScan, sweep, synFlood, flood, bruteForce]
