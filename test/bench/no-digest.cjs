// Loaded before the command line: SHA-256 takes no time, so that two programs are compared of which one hashes beside its work.
const crypto = require('node:crypto')
const { syncBuiltinESMExports } = require('node:module')

const { createHash } = crypto
const none = { update: () => none, digest: () => '0'.repeat(64) }
crypto.createHash = (name, ...rest) => (name === 'sha256' ? none : createHash(name, ...rest))
syncBuiltinESMExports()
