// "Save packets": a choice of conversations -> their packets as a file, where the captures are at hand or are chosen again; else the command for it.
import type { SliceFacts } from '../../../src/slice/facts.ts'
import type { Choice } from '../../../src/slice/select.ts'
import { sliceCommand } from '../model/slice-command.ts'
import type { ReportClient } from '../protocol/client.ts'
import { copyText } from '../ui/clipboard.ts'
import { announce, download, make } from '../ui/dom.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'
import { savePackets } from './packet-saver.ts'

const NOT_READ = 'not read'

/** A button that saves the packets of a choice, which is made when it is pressed. */
export function makeSaveButton(client: ReportClient, choose: () => Choice): HTMLButtonElement {
  const button = make('button', 'button small', 'Save')
  // The second word has no room beside a narrow filter.
  button.append(make('span', '', ' packets'))
  button.setAttribute('aria-label', 'Save packets')
  button.type = 'button'
  button.title = 'Saves the packets from the capture as a pcapng file, for Wireshark'
  button.addEventListener('click', () => void new SaveDialog(client, choose()).open())
  return button
}

class SaveDialog {
  readonly #client: ReportClient
  readonly #choice: Choice
  readonly #dialog = make('dialog', 'small-dialog')
  readonly #text = make('p')
  readonly #progress = make('progress')
  readonly #notes = make('ul', 'warnings')
  readonly #more = make('div')
  readonly #close = make('button', 'button', 'Close')
  readonly #end = new AbortController()

  constructor(client: ReportClient, choice: Choice) {
    this.#client = client
    this.#choice = choice
  }

  async open(): Promise<void> {
    const heading = make('h2', '', 'Save packets')
    heading.id = 'save-packets-title'
    this.#dialog.setAttribute('aria-labelledby', heading.id)
    this.#dialog.id = 'save-packets'
    this.#progress.setAttribute('aria-label', 'Reading the capture')
    this.#close.type = 'button'
    this.#close.addEventListener('click', () => this.#dialog.close())
    this.#dialog.addEventListener('close', () => {
      this.#end.abort(new Error('cancelled'))
      this.#dialog.remove()
    })
    const actions = make('div', 'card-actions')
    actions.append(this.#close)
    this.#notes.hidden = true
    this.#dialog.append(heading, this.#text, this.#progress, this.#notes, this.#more, actions)
    document.body.append(this.#dialog)
    this.#dialog.showModal()
    try {
      await this.#start()
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error))
    }
  }

  async #start(): Promise<void> {
    this.#wait('Waiting for the end of the analysis')
    const originals = (await globalThis.rtnvisCaptures) ?? []
    const digests = await globalThis.rtnvisDigests
    if (digests) await this.#client.ask('digests', digests)
    this.#wait('Looking for the conversations')
    const facts = await this.#client.ask('packets', this.#choice, this.#end.signal)
    if ('usage' in facts) return this.#tell(facts.usage)
    const { selection } = facts
    if (selection.flows === 0) return this.#tell('No conversation is selected, so there are no packets to save.')
    this.#note(selection.notes)
    if (originals.length > 0) await this.#save(facts, originals, true)
    else this.#askForFiles(facts)
  }

  /** The captures are not in the report: the reader chooses them again, or copies the command. */
  #askForFiles(facts: SliceFacts): void {
    const captures = facts.captures.filter(({ format }) => format !== NOT_READ)
    const names = captures.slice(0, 5).map(({ file }) => formatHostile(file, 60))
    const more = captures.length > names.length ? ` and ${formatCounted(captures.length - names.length, 'more file')}` : ''
    const label = make('label', '', `Capture: ${names.join(', ')}${more}`)
    const input = make('input')
    input.type = 'file'
    input.multiple = captures.length > 1
    label.append(input)
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])]
      input.value = '' // the same file may be chosen again
      if (files.length > 0) this.#save(facts, files, false).catch((error: Error) => this.#tell(error.message))
    })
    const command = make('textarea', 'field')
    command.readOnly = true
    command.rows = 2
    command.value = sliceCommand(this.#choice)
    command.setAttribute('aria-label', 'Command')
    const copy = make('button', 'button', 'Copy command')
    copy.type = 'button'
    copy.addEventListener('click', async () => {
      copy.textContent = (await copyText(command)) ? 'Copied' : 'Select and copy it'
      announce(copy.textContent)
    })
    this.#tell(
      `A report does not contain the packets of its ${formatCounted(facts.selection.flows, 'conversation')}. Choose the capture it was made from: its SHA-256 is compared first, and nothing leaves this computer.`,
    )
    const about = make('p', 'quiet', "Or run this in the report's folder:")
    this.#more.replaceChildren(label, about, command, copy)
    input.focus()
  }

  async #save(facts: SliceFacts, files: File[], areOriginal: boolean): Promise<void> {
    this.#wait(`Reading ${files.length === 1 ? formatHostile(files[0].name, 60) : formatCounted(files.length, 'file')}`)
    const { file, summary } = await savePackets({ facts, choice: this.#choice, files, areOriginal }, this.#end.signal)
    download(nameOf(this.#choice), file.type, file)
    this.#tell(`Saved ${summary}.`)
  }

  #wait(text: string): void {
    this.#text.textContent = text
    this.#progress.hidden = false
  }

  #tell(text: string): void {
    this.#text.textContent = text
    this.#progress.hidden = true
    announce(text)
  }

  #note(notes: string[]): void {
    this.#notes.replaceChildren(...notes.map((note) => make('li', '', note)))
    this.#notes.hidden = notes.length === 0
  }
}

function nameOf({ alerts, flows }: Choice): string {
  if (alerts.length === 1) return `alert-${alerts[0]}.pcapng`
  return flows.length === 1 ? `flow-${flows[0]}.pcapng` : 'packets.pcapng'
}
