// A route declares its permission; a role without it gets 403.
import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '../env.ts'
import { allows, type Permission } from './roles.ts'

/** For routes whose permission does not depend on the request. */
export function needs(permission: Permission): MiddlewareHandler<Env> {
  return async (context, next) => {
    const refusal = refusalOf(context, permission)
    if (refusal) return refusal
    await next()
    return undefined
  }
}

/** Null: the user has the permission. */
export function refusalOf(context: Context<Env>, permission: Permission): Response | null {
  const { role } = context.get('visit').user
  const isAllowed = allows(role, permission)
  context.set('needed', { permission, isAllowed })
  return isAllowed ? null : context.json({ error: `The key's role, ${role}, does not include this (${permission}).` }, 403)
}
