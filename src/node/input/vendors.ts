// The file of vendors beside the program -> who made a network interface. Read when the first address is looked up.
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { openVendors, type VendorOf } from '../../detect/identities/vendors.ts'
import { VENDORS } from '../paths.ts'

let opened: VendorOf | undefined

/** Without the file, as in sources that were not built, nobody is known. */
export const vendorOf: VendorOf = (mac) => {
  opened ??= existsSync(VENDORS) ? openVendors(gunzipSync(readFileSync(VENDORS)).toString()) : () => null
  return opened(mac)
}
