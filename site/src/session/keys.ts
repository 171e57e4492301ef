// Every key of the page, for the help sheet and the manual. Each part of the page handles its own keys.

export interface KeyHelp {
  keys: string[]
  does: string
}

export const KEYS: { title: string; keys: KeyHelp[] }[] = [
  {
    title: 'Playback',
    keys: [
      { keys: ['Space'], does: 'Play or pause' },
      { keys: ['←', '→'], does: 'Back or forward a little' },
      { keys: ['Shift + ←', 'Shift + →'], does: 'Back or forward a lot' },
      { keys: [',', '.'], does: 'One tick back or forward' },
      { keys: ['[', ']'], does: 'Slower, faster' },
      { keys: ['Home', 'End'], does: 'To the beginning, to the end' },
      { keys: ['l'], does: 'Loop' },
      { keys: ['s'], does: 'Smart time: silence passes quickly, alerts slowly' },
      { keys: ['n', 'Shift + n'], does: 'Next finding, the one before' },
      { keys: ['a'], does: 'Everything as one picture' },
      { keys: ['c'], does: 'What happened: open or close the card' },
      { keys: ['p'], does: 'Go to the peak' },
      { keys: ['w'], does: 'Wall mode: no panels, large type, the story in a loop' },
    ],
  },
  {
    title: 'Timeline',
    keys: [
      { keys: ['i', 'o'], does: 'Begin or end the selected span here' },
      { keys: ['x'], does: 'Select the whole capture again' },
      { keys: ['+', '-'], does: 'Zoom in or out' },
      { keys: ['z'], does: 'Zoom to the selected span' },
      { keys: ['0'], does: 'Zoom to the whole capture' },
    ],
  },
  {
    title: 'Views',
    keys: [
      { keys: ['g', 'm', 't'], does: 'Globe, map, local network' },
      { keys: ['1', '2', '3', '4', '5'], does: 'Flows, hosts, names, alerts, matrix' },
      { keys: ['d', 'e', 'q'], does: 'Dashboard, health, SQL' },
      { keys: ['f', '/'], does: 'Write into the filter' },
      { keys: ['Enter'], does: 'Open what is marked in a table' },
      { keys: ['Esc'], does: 'Close the panel or page on top; leave the filter; end the focus' },
      { keys: ['Ctrl + Enter'], does: 'Run the SQL statement' },
      { keys: ['?'], does: 'This sheet' },
    ],
  },
]

export const POINTER: { title: string; keys: KeyHelp[] } = {
  title: 'Mouse and touch on the timeline',
  keys: [
    { keys: ['Click, tap'], does: 'Go to that time' },
    { keys: ['Drag'], does: 'Select a span; at its edge, move the edge' },
    { keys: ['Wheel, pinch'], does: 'Zoom where the pointer is' },
    { keys: ['Shift + drag'], does: 'Move along' },
    { keys: ['Double click'], does: 'Show the whole capture' },
  ],
}

/** Whether a key press belongs to an input, a dialog or the browser, not to the page. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    document.querySelector('dialog[open]') !== null ||
    target.closest('input:not([type=range], [type=radio], [type=checkbox]), select, textarea, [data-typing]') !== null
  )
}
