// Stands in for three/tsl: the names the heatmap layer imports, never called because no heatmap is drawn.
const unused = () => ({})

export {
  unused as asin,
  unused as cos,
  unused as exp,
  unused as Fn,
  unused as float,
  unused as If,
  unused as instanceIndex,
  unused as Loop,
  unused as negate,
  unused as sin,
  unused as sqrt,
  unused as storage,
  unused as uniform,
}
