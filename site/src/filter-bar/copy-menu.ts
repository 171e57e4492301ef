// The menu that copies the filter: as a link to this view, as SQL, as Wireshark display filter, as capture filter, and as a slice command.
import type { ReportClient } from '../protocol/client.ts'
import type { Questions } from '../protocol/messages.ts'
import { currentLink } from '../session/location.ts'
import type { Session } from '../session/session.ts'
import { copyText } from '../ui/clipboard.ts'
import { announce, byId, make } from '../ui/dom.ts'
import { formatHostile } from '../ui/format.ts'
import { makeMenuButton } from '../ui/menu.ts'

type Language = keyof Questions['translate']['answer']

const LANGUAGES: Record<Language, { label: string; about: string; none: string }> = {
  sql: { label: 'SQL', about: 'For traffic.sqlite, here in the SQL view or with sqlite3.', none: '' },
  wireshark: {
    label: 'Wireshark display filter',
    about: 'For the capture in Wireshark or tshark -Y. Flows are conversations; Wireshark filters packets.',
    none: 'A display filter can say nothing of this.',
  },
  frames: {
    label: 'list of frame numbers',
    about: 'A display filter for exactly these packets, in the capture that the report was made from.',
    none: 'There is no list.',
  },
  bpf: {
    label: 'capture filter (BPF)',
    about: 'For tcpdump, dumpcap and rtnvis live. It knows addresses, ports and transports only.',
    none: 'A capture filter can say nothing of this.',
  },
  slice: {
    label: 'command that saves the packets',
    about: "Run it in the report's folder. It copies the packets of these conversations out of the original capture.",
    none: '',
  },
}

/** `camera`: where it stands, as links have it. */
export function startCopyMenu(session: Session, client: ReportClient, camera: () => string): void {
  const button = makeMenuButton('Copy', () => [
    {
      label: 'Link to this picture',
      run: () =>
        showText('Link', currentLink(session, camera()), 'Filter, time, speed, view, camera and focus are in it.', localWarnings()),
    },
    ...(Object.keys(LANGUAGES) as Language[]).map((language) => ({
      label: `As ${LANGUAGES[language].label}`,
      run: () => void translate(language),
    })),
  ])
  button.id = 'filter-copy'
  byId('filter').append(button)

  const translate = async (language: Language) => {
    const { filterText, span } = session.state
    const { text, missing, notes } = (await client.ask('translate', { filterText, span }))[language]
    const { label, about, none } = LANGUAGES[language]
    const isNothing = text === '' && (filterText !== '' || span !== null)
    const lines = [
      ...(isNothing ? [none] : []),
      ...(missing.length > 0
        ? [`Left out, because packets do not tell it: ${missing.map((part) => formatHostile(part, 80)).join(', ')}.`]
        : []),
      ...notes,
    ]
    showText(`${label[0].toUpperCase()}${label.slice(1)}`, text, about, lines)
  }
}

/** A file's address is of use on this computer alone. */
function localWarnings(): string[] {
  if (location.protocol !== 'file:') return []
  return [
    'This link names a file on this computer. For others, put the report on a web server, or send the folder and what follows # in the link.',
  ]
}

/** Shows a text with a button that copies it; if the browser refuses, the reader can select it. */
function showText(title: string, text: string, about: string, warnings: string[]): void {
  const dialog = make('dialog', 'small-dialog')
  const field = make('textarea', 'field')
  field.readOnly = true
  field.value = text
  field.rows = Math.min(12, Math.max(2, Math.ceil(text.length / 60)))
  field.setAttribute('aria-label', title)
  const copy = make('button', 'button', 'Copy')
  const close = make('button', 'button', 'Close')
  copy.type = 'button'
  close.type = 'button'
  copy.disabled = text === ''
  copy.addEventListener('click', async () => {
    const isCopied = await copyText(field)
    copy.textContent = isCopied ? 'Copied' : 'Select and copy it'
    announce(copy.textContent)
  })
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  const heading = make('h2', '', title)
  heading.id = 'copy-title'
  dialog.setAttribute('aria-labelledby', heading.id)
  const actions = make('div', 'card-actions')
  actions.append(copy, close)
  dialog.append(heading, make('p', 'quiet', about), field)
  if (warnings.length > 0) {
    const list = make('ul', 'warnings')
    list.append(...warnings.map((warning) => make('li', '', warning)))
    dialog.append(list)
  }
  dialog.append(actions)
  document.body.append(dialog)
  dialog.showModal()
  field.select()
  copy.focus()
}
