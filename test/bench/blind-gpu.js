// Runs in the page before its own script: says that there is a graphics card, draws nothing, and counts what would have been drawn and
// how long the scripts of each frame take.
const bench = { frames: [], calls: 0 }
window.bench = bench

const getParameter = WebGL2RenderingContext.prototype.getParameter
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 0x9246 ? 'Graphics card of the bench' : getParameter.call(this, name) // UNMASKED_RENDERER_WEBGL
}
for (const draw of ['drawArrays', 'drawElements', 'drawArraysInstanced', 'drawElementsInstanced'])
  WebGL2RenderingContext.prototype[draw] = () => {
    bench.calls++
  }

const request = window.requestAnimationFrame.bind(window)
let frameMs = -1
window.requestAnimationFrame = (callback) =>
  request((nowMs) => {
    if (nowMs !== frameMs) {
      frameMs = nowMs
      bench.frames.push({ script: 0, calls: 0 })
    }
    const frame = bench.frames.at(-1)
    const callsBefore = bench.calls
    const startMs = performance.now()
    callback(nowMs)
    frame.script += performance.now() - startMs
    frame.calls += bench.calls - callsBefore
  })
// What is asked in a worker cannot be answered for; without this the page asks in its own thread.
delete window.OffscreenCanvas
