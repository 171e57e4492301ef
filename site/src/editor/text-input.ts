// A text that is written: what an editor and the plain field before it have in common.

/** The editor, or the field before it. */
export interface TextInput {
  text: string
  selection: { start: number; end: number }
  focus(): void
}

export function plainInput(field: HTMLInputElement | HTMLTextAreaElement): TextInput {
  return {
    get text() {
      return field.value
    },
    set text(text) {
      field.value = text
    },
    get selection() {
      return { start: field.selectionStart ?? 0, end: field.selectionEnd ?? 0 }
    },
    set selection({ start, end }) {
      field.setSelectionRange(start, end)
    },
    focus: () => field.focus(),
  }
}
