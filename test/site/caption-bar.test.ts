// The bar below pictures and videos of the stage: nothing covers anything else, however narrow it is, and what has no room is cut visibly.
import { expect, test } from 'vitest'
import { BAR_HEIGHT, type CaptionBar, drawCaptionBar } from '../../site/src/stage/caption-bar.ts'

interface Box {
  text: string
  left: number
  right: number
  top: number
  bottom: number
}

/** A context whose letters are all 0.6 of the font's size wide, and the boxes of what is written on it. */
function paper() {
  const boxes: Box[] = []
  const context = { font: '', textAlign: 'left', fillRect: () => {} }
  const size = () => Number(/(\d+)px/.exec(context.font)![1])
  const measureText = (text: string) => ({ width: 0.6 * size() * [...text].length })
  const fillText = (text: string, x: number, y: number, ...squeezedTo: number[]) => {
    expect(squeezedTo).toEqual([])
    const { width } = measureText(text)
    const left = context.textAlign === 'right' ? x - width : x
    if (text !== '') boxes.push({ text, left, right: left + width, top: y - 0.8 * size(), bottom: y + 0.2 * size() })
  }
  return { boxes, context: Object.assign(context, { measureText, fillText }) as unknown as CanvasRenderingContext2D }
}

const WHOLE: CaptionBar = {
  us: Date.UTC(2026, 2, 17, 9) * 1000,
  lengthUs: 479e6,
  part: null,
  title: 'input',
  caption: '18,325 packets (8.96 MB) in 7 min 59 s, between 107 hosts in 1,243 conversations.',
  legend: ['beacon 192.168.10.24', 'port-scan 171.231.85.118', 'tls', 'quic'].map((name) => ({ name, colour: '#f00' })),
}
const BARS: CaptionBar[] = [
  WHOLE,
  { ...WHOLE, lengthUs: null, part: 0.5 },
  { ...WHOLE, title: 'a-capture-with-a-long-name-of-the-third-floor', caption: '' },
  { ...WHOLE, caption: 'x'.repeat(300), title: 'y'.repeat(300) },
]

for (const width of [320, 572, 892, 1900])
  test(`${width} pixels wide`, () => {
    for (const bar of BARS) {
      const { boxes, context } = paper()
      drawCaptionBar(context, width, 'dark', bar)
      for (const box of boxes)
        expect([box, box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= BAR_HEIGHT]).toEqual([box, true])
      for (const [i, one] of boxes.entries())
        for (const other of boxes.slice(i + 1))
          expect([
            one.text,
            other.text,
            one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top,
          ]).toEqual([one.text, other.text, true])
    }
  })

test('a wide bar says all, a narrow one marks what it leaves out', () => {
  const written = (width: number) => {
    const { boxes, context } = paper()
    drawCaptionBar(context, width, 'dark', WHOLE)
    return boxes.map(({ text }) => text)
  }
  expect(written(1900)).toEqual([
    '7 min 59 s',
    'from 2026-03-17 09:00:00 UTC',
    'input',
    WHOLE.caption,
    'beacon 192.168.10.24',
    'port-scan 171.231.85.118',
    'tls',
    'quic',
  ])
  expect(written(572).filter((text) => text.endsWith('…'))).toHaveLength(1)
})
