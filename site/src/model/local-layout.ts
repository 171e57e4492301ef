// Groups and their hosts -> circles: few hosts on a ring, in the order of their addresses; many packed, the busiest in the middle. Groups
// are packed into three blocks: hosts without IP and receivers of multicast, the local networks, the internet. The same input gives the
// same picture: d3-hierarchy packs without chance. Pure.
import { packEnclose, packSiblings } from 'd3-hierarchy'

interface Circle {
  x: number
  y: number
  r: number
}

/** A group to be laid out: circles of hosts, or smaller groups. */
export interface LayoutGroup extends Circle {
  /** Which of the three blocks it belongs to: 0, 1 or 2. */
  block: number
  members: Circle[]
  /** Groups inside this one. */
  parts: LayoutGroup[]
}

/** Up to so many hosts stand on a ring: what they exchange is then seen as lines through the ring. */
const MOST_ON_RING = 48
const GAP = 7
const MARGIN = 13
/** Smallest ring: lines through it are to be told apart. */
const LEAST_RING = 34
const BETWEEN_GROUPS = 26
const BETWEEN_BLOCKS = 70

/** Sets the position of everything. `isTall`: blocks one below the other, for a narrow stage. */
export function layOut(groups: LayoutGroup[], isTall: boolean): { left: number; top: number; right: number; bottom: number } {
  for (const group of groups) layOutGroup(group)
  let at = 0
  const sides = { left: 0, top: 0, right: 0, bottom: 0 }
  for (const block of [0, 1, 2]) {
    const own = groups.filter((group) => group.block === block)
    if (own.length === 0) continue
    const radius = pack(own, BETWEEN_GROUPS)
    for (const group of own) moveTo(group, isTall ? 0 : at + radius, isTall ? at + radius : 0)
    at += 2 * radius + BETWEEN_BLOCKS
  }
  groups.forEach(({ x, y, r }, index) => {
    sides.left = index === 0 ? x - r : Math.min(sides.left, x - r)
    sides.right = index === 0 ? x + r : Math.max(sides.right, x + r)
    sides.top = index === 0 ? y - r : Math.min(sides.top, y - r)
    sides.bottom = index === 0 ? y + r : Math.max(sides.bottom, y + r)
  })
  return sides
}

/** Sets the group's radius, and the positions of its members and parts from its middle. */
function layOutGroup(group: LayoutGroup): void {
  const { members, parts } = group
  for (const part of parts) layOutGroup(part)
  if (parts.length > 0) group.r = pack(parts, BETWEEN_GROUPS / 2) + MARGIN
  else group.r = (members.length > MOST_ON_RING ? pack(members, GAP) : ring(members)) + MARGIN
}

/** Circles on a ring around 0, 0, beginning at the top, clockwise. @returns the radius around all of them */
function ring(members: Circle[]): number {
  if (members.length === 1) return members[0].r
  const around = members.reduce((sum, { r }) => sum + 2 * r + GAP, 0)
  const widest = members.reduce((most, { r }) => Math.max(most, r), 0)
  const radius = Math.max(around / (2 * Math.PI), widest + GAP, LEAST_RING)
  let angle = -Math.PI / 2
  members.forEach((member, index) => {
    if (index > 0) angle += ((members[index - 1].r + member.r + GAP) / around) * 2 * Math.PI
    member.x = radius * Math.cos(angle)
    member.y = radius * Math.sin(angle)
  })
  return radius + widest
}

/** Packs circles around 0, 0, with a space between them. @returns the radius around all of them */
function pack(circles: Circle[], space: number): number {
  const padded = packSiblings(circles.map(({ r }) => ({ r: r + space / 2 })))
  const around = packEnclose(padded)
  padded.forEach(({ x, y }, index) => {
    circles[index].x = x - around.x
    circles[index].y = y - around.y
  })
  return around.r
}

/** From positions within the group around it to positions on the picture. */
function moveTo(group: LayoutGroup, x: number, y: number): void {
  group.x += x
  group.y += y
  for (const member of group.members) {
    member.x += group.x
    member.y += group.y
  }
  for (const part of group.parts) moveTo(part, group.x, group.y)
}
