import { existsSync } from 'node:fs'

/** Debian's Firefox, where it is installed. */
export const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync)
