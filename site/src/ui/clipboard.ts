// The text of a field -> the clipboard.

/** @returns false if the browser refuses: the text is selected then */
export async function copyText(field: HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    // Without a secure context, or when refused, copy the selection with execCommand.
    field.select()
    return document.execCommand('copy')
  }
}
