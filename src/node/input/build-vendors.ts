// IEEE's registry of address blocks (package oui-data) -> the text of detect/identities/vendors.ts, gzip. Runs at build time.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, gzipSync } from 'node:zlib'
import { packVendors } from '../../detect/identities/vendors.ts'

/** The registrant wants no name, or the block is divided into smaller ones that have their own. */
const UNNAMED = new Set(['private', 'ieee registration authority'])
/** Registered to Xerox, but an address that begins with zeros is nearly always one that was never set, or removed. */
const UNSET = '000000'
/** What makes these addresses by default: PCS Systemtechnik has the first for VirtualBox, nobody has registered that of QEMU. */
const VIRTUAL = { '080027': 'PCS Systemtechnik (VirtualBox)', '525400': 'QEMU/KVM virtual machine' }
/** Legal forms at the end of a name: a seventh of the file. */
const LEGAL_FORM =
  /[\s,.]+(?:co|corp|corporation|company|inc|incorporated|ltd|limited|llc|gmbh|gmbh & co\.? ?kg|ag|sa|sas|srl|spa|s\.p\.a|bv|b\.v|ab|a\/s|as|oy|kg|pty|pte|pvt|private|plc|sp\.? ?z ?o\.?o|s\.r\.o|a\.s|nv|lp)\.?$/i

export function buildVendors(file: string): void {
  const registry = createRequire(import.meta.url)('oui-data') as Record<string, string>
  const blocks = new Map<string, string[]>()
  for (const [prefix, registrant] of Object.entries({ ...registry, ...VIRTUAL })) {
    // The address follows on further lines.
    const name = registrant.split('\n')[0].replace(/\s+/g, ' ').trim()
    if (name === '' || prefix === UNSET || UNNAMED.has(name.toLowerCase())) continue
    const vendor = withoutLegalForm(name)
    const of = blocks.get(vendor)
    if (of === undefined) blocks.set(vendor, [prefix])
    else of.push(prefix)
  }
  writeFileSync(file, gzipSync(packVendors(blocks), { level: constants.Z_BEST_COMPRESSION }))
}

function withoutLegalForm(name: string): string {
  const shorter = name.replace(LEGAL_FORM, '').replace(/[\s,.&]+$/, '')
  return shorter === name || shorter.length < 2 ? name : withoutLegalForm(shorter)
}
