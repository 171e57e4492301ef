// A remark plugin: pictures of the manual are named from its Markdown by their place in the repository, so that GitHub shows them, and are next to
// the built pages.
const FROM_MARKDOWN = '../../../public/manual/'

export const manualPictures = () => toBuilt

function toBuilt(node) {
  for (const child of node.children ?? []) toBuilt(child)
  if (node.type !== 'image' || !node.url.startsWith(FROM_MARKDOWN)) return
  const alt = node.alt.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  // As HTML: of an image Astro would make a file of its own, with an absolute address.
  Object.assign(node, { type: 'html', value: `<img src="./${node.url.slice(FROM_MARKDOWN.length)}" alt="${alt}" loading="lazy">` })
}
