// Identities -> the same with pseudonyms in place of the names of accounts: the same pseudonym for the same account wherever it stands.
import type { HostIdentity } from '../../names/identity-log.ts'

/**
 * Pseudonyms are numbers in the order of the identities: a digest of a name could be found out by trying names.
 * @param identities ordered by host
 */
export function maskAccounts(identities: readonly HostIdentity[]): HostIdentity[] {
  const numbers = new Map<string, number>()
  const masked = new Map<string, HostIdentity>()
  for (const identity of identities) {
    const value = identity.kind === 'account' ? pseudonymOf(identity.value, numbers) : identity.value
    const key = JSON.stringify([identity.host, identity.kind, value, identity.source])
    const same = masked.get(key)
    // Two ways to write one account become one row.
    if (same === undefined) masked.set(key, { ...identity, value })
    else same.count += identity.count
  }
  return [...masked.values()]
}

function pseudonymOf(account: string, numbers: Map<string, number>): string {
  const user = userOf(account)
  const number = numbers.get(user) ?? numbers.size + 1
  numbers.set(user, number)
  return `account-${number}`
}

/** user@REALM, DOMAIN\user and user are one account here. */
function userOf(account: string): string {
  return account.split('@')[0].split('\\').pop()!.toLowerCase()
}
