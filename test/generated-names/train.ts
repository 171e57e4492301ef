// `npm run train:names -- DIR`: labelled names -> src/detect/methods/generated-names/model.ts. DIR holds generated.txt and legitimate.txt.
// The threshold is chosen on names a model has not seen (five folds), then the model is trained on all of them.
import { writeFileSync } from 'node:fs'
import { random } from '../../fixtures/generate/random.ts'
import { encodeWeights } from '../../src/detect/methods/generated-names/classify.ts'
import { foldOf, type LabelledName, readCorpus } from './corpus.ts'
import { meanRecall, measure, percent, type Scored, thresholdFor } from './measure.ts'
import { score, train } from './regression.ts'

const SEED = 7
const FOLDS = 5
const PRECISION = 0.98
/** A family of fewer names says little. */
const LEAST_NAMES = 20
const MODEL = new URL('../../src/detect/methods/generated-names/model.ts', import.meta.url)

const folder = process.argv[2]
if (folder === undefined) throw new Error('Give the folder with generated.txt and legitimate.txt.')
const names = readCorpus(folder).filter(({ label }) => label.length >= 5 && !label.startsWith('xn--'))

function crossValidate(keyOf: (name: LabelledName) => string): (Scored & { group: string })[] {
  const scored: (Scored & { group: string })[] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const isHeldOut = (name: LabelledName): boolean => foldOf(keyOf(name), FOLDS) === fold
    const model = train(
      names.filter((name) => !isHeldOut(name)),
      random(SEED),
    )
    for (const name of names.filter(isHeldOut)) scored.push({ score: score(model, name), isGenerated: name.isGenerated, group: name.group })
  }
  return scored
}

const byName = crossValidate(({ name }) => name)
const byGroup = crossValidate(({ group }) => group)
const threshold = Math.max(thresholdFor(byName, PRECISION), thresholdFor(byGroup, PRECISION), 0.5)
for (const [title, scored] of [
  ['split at random', byName],
  ['split by family', byGroup],
] as const) {
  const { precision, recall } = measure(scored, threshold)
  process.stdout.write(`${title}: precision ${percent(precision)}, recall ${percent(recall)} at ${threshold.toFixed(3)}\n`)
}

const { recall: mean, groups } = meanRecall(byGroup, threshold, LEAST_NAMES)
process.stdout.write(`mean recall of ${groups} families of ${LEAST_NAMES} names or more, each held out: ${percent(mean)}\n`)

const model = train(names, random(SEED))
const { text, step } = encodeWeights(model.weights)
writeFileSync(
  MODEL,
  `// Made by \`npm run train:names\`: weights of the features of features.ts, a character each. Trained on ${names.length} names, half of them made by
// domain generation algorithms of known malware families: every second line of the test set of nDPI (tests/dga), which is from the public
// DGA_domains_dataset.

export const BIAS = ${model.bias.toFixed(6)}
/** Weight of level 1; the weight of a level grows with its square. */
export const STEP = ${step.toExponential(6)}
export const THRESHOLD = ${threshold.toFixed(4)}
export const WEIGHTS =
  '${text.replaceAll('\\', '\\\\')}'
`,
)
process.stdout.write(`${MODEL.pathname}: ${text.length} weights\n`)
