// The page of one host, station, flow or alert above the current view: double click or Enter opens it, Escape closes it. It shows session.detail.
import type { Detail } from '../../model/selection.ts'
import { focusShown } from '../../session/focus-shown.ts'
import { formatSelection } from '../../session/hash.ts'
import { onZone } from '../../session/session.ts'
import type { Player } from '../../session/view.ts'
import { announce, byId, make } from '../../ui/dom.ts'
import { fillFlowPage, titleOfFlow } from './flow-page.ts'
import { fillHostPage, titleOfHost } from './host-page.ts'
import { fillStationPage, titleOfStation } from './station-page.ts'

export function startDetail(player: Player): void {
  const { session, client } = player
  const panel = byId('detail')
  const title = make('h2')
  title.id = 'detail-title'
  const close = make('button', 'button icon')
  close.type = 'button'
  close.setAttribute('aria-label', 'Close this page')
  close.textContent = '×'
  const head = make('header', 'view-bar')
  head.append(title, close)
  const body = make('div', 'detail-body')
  body.tabIndex = 0
  body.setAttribute('role', 'region')
  body.setAttribute('aria-labelledby', title.id)
  panel.append(head, body)
  let opener: Element | null = null
  let asked: AbortController | null = null
  let shown: Detail | null = null

  const open = async (detail: Detail, isNew = true) => {
    asked?.abort()
    const turn = new AbortController()
    asked = turn
    if (panel.hidden) opener = document.activeElement
    const content = make('div', 'detail-columns')
    try {
      const name = await fill(detail, content, turn.signal)
      title.textContent = name ?? 'Not in this report'
      if (name === null) content.append(make('p', 'empty', 'The link names something that this report does not have.'))
    } catch (error) {
      if (turn.signal.aborted) return
      title.textContent = 'This page cannot be shown'
      content.append(make('p', 'empty', error instanceof Error ? error.message : String(error)))
    }
    body.replaceChildren(content)
    if (!isNew) return
    body.scrollTop = 0
    panel.hidden = false
    body.focus({ preventScroll: true })
    announce(title.textContent)
  }
  const fill = async (detail: Detail, content: HTMLElement, signal: AbortSignal): Promise<string | null> => {
    if (detail.kind === 'host') {
      const host = await client.ask('host', { ip: detail.ip }, signal)
      if (host) fillHostPage(content, player, host)
      return host && titleOfHost(host)
    }
    if (detail.kind === 'station') {
      const station = await client.ask('station', { mac: detail.mac }, signal)
      if (station) fillStationPage(content, player, station)
      return station && titleOfStation(station)
    }
    const flow = await client.ask('flow', { id: detail.id }, signal)
    if (flow) fillFlowPage(content, player, flow)
    return flow && titleOfFlow(flow)
  }
  /** The focus on what the page was about ends with it, except where a table marks its row. */
  const letGo = () => {
    const { selection, view } = session.state
    const isMarked =
      view === (shown?.kind === 'host' || shown?.kind === 'station' ? 'hosts' : 'flows') || (shown?.kind === 'flow' && view === 'names')
    if (shown && !isMarked && selection && formatSelection(selection) === formatSelection(shown)) session.set({ selection: null })
    shown = null
  }
  const follow = () => {
    const { detail } = session.state
    if (detail?.kind === 'alert') session.set({ view: 'alerts', selection: detail, detail: null })
    else if (detail) {
      shown = detail
      void open(detail)
    } else if (!panel.hidden) {
      asked?.abort()
      letGo()
      panel.hidden = true
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
      focusShown()
    }
  }
  close.addEventListener('click', () => session.set({ detail: null }))
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    session.set({ detail: null })
  })
  session.subscribe(follow, ['detail'])
  onZone(session, () => shown && void open(shown, false))
  // A change of the view closes the page.
  session.subscribe((_, changed) => !changed.has('detail') && session.set({ detail: null }), ['view'])
  follow()
}
