// Which of the page's modules come into which script (rollup's manualChunks): `start` is app/start.ts with what it imports, `shared` what both
// the page and the globe import besides. Without the latter, the globe could only be made by a page that is there already.

const ROOTS = ['/app/start.ts', '/app/main.ts', '/globe/globe.ts']

/** By a build's modules: what its roots import; null for the manual's pages, which have none. */
const reachedBy = new WeakMap()

/** @returns name of the script a module belongs to, where rollup is not to choose */
export function chunkOf(id, { getModuleIds, getModuleInfo }) {
  if (!reachedBy.has(getModuleInfo)) reachedBy.set(getModuleInfo, reachOfRoots([...getModuleIds()], getModuleInfo))
  const reached = reachedBy.get(getModuleInfo)
  if (reached === null) return
  const [start, page, globe] = reached
  if (start.has(id)) return 'start'
  return page.has(id) && globe.has(id) ? 'shared' : undefined
}

function reachOfRoots(ids, getModuleInfo) {
  const roots = ROOTS.map((end) => ids.find((id) => id.endsWith(end)))
  return roots.includes(undefined) ? null : roots.map((root) => reach(root, getModuleInfo))
}

/** A module and all that it imports at once. */
function reach(root, getModuleInfo, reached = new Set()) {
  if (reached.has(root)) return reached
  reached.add(root)
  for (const id of getModuleInfo(root).importedIds) reach(id, getModuleInfo, reached)
  return reached
}
