// A plain field -> the editor in its place, as soon as its script is there.
import { loadScript } from '../ui/load-script.ts'
import { plainInput, type TextInput } from './text-input.ts'

type Module = typeof import('./editor.ts')

let loading: Promise<Module | null> | null = null

/** The dev server has the module alone. */
function loadEditor(): Promise<Module | null> {
  return loadScript('assets/editor.js')
    .catch(() => {})
    .then(() => import('./editor.ts'))
    .catch(() => null)
}

/** Puts an editor in the place of the only field of `host`, with its text, selection and focus. Null without the script (a folder copied in part): the field stays. */
export async function replaceField<Editor extends TextInput>(
  field: HTMLInputElement | HTMLTextAreaElement,
  host: HTMLElement,
  create: (module: Module, root: ShadowRoot, text: string) => Editor,
): Promise<Editor | null> {
  const before = field.value
  let isComposing = false
  field.addEventListener('compositionstart', () => {
    isComposing = true
  })
  field.addEventListener('compositionend', () => {
    isComposing = false
  })
  loading ??= loadEditor()
  const module = await loading
  if (!module) return null
  // A word that is composed, or letters that are selected with the pointer, would be cut short.
  while (isComposing || field.matches(':active')) await new Promise((resolve) => setTimeout(resolve, 30))
  const { text, selection } = plainInput(field)
  const isFocused = document.activeElement === field
  const editor = create(module, host.attachShadow({ mode: 'open' }), before)
  editor.text = text // what was typed meanwhile can be undone
  editor.selection = selection
  field.remove()
  host.dataset.typing = '' // keys belong to it (session/keys.ts)
  if (isFocused) editor.focus()
  return editor
}
