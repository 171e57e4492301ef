// Roles and their permissions. Routes name the permission that they need.

/** `pages`: reports and the live view; `rows`: conversations, hosts and packets one by one; `database`: traffic.sqlite as a file. */
export type Permission = 'pages' | 'rows' | 'database' | 'metrics' | 'audit'

export const ROLES = {
  viewer: ['pages'],
  analyst: ['pages', 'rows', 'database'],
  admin: ['pages', 'rows', 'database', 'metrics', 'audit'],
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof ROLES

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text)
}

export function allows(role: Role, needed: Permission): boolean {
  return (ROLES[role] as readonly Permission[]).includes(needed)
}
