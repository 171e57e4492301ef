// Cells of a table that were selected with the mouse -> text with tabs and line feeds, as a spreadsheet takes it.

/** A part of one cell is copied as it is. @param rows whose children are rows of cells, in their order */
export function copyCells(event: ClipboardEvent, rows: HTMLElement): void {
  const selection = getSelection()
  const selected = (element: Element) => selection?.containsNode(element, true)
  const lines = [...rows.children].filter(selected).map((row) => [...row.children].filter(selected).map((cell) => cell.textContent))
  if (lines.flat().length < 2) return
  event.clipboardData?.setData('text/plain', lines.map((cells) => cells.join('\t')).join('\n'))
  event.preventDefault()
}
