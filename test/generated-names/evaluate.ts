// `npm run evaluate:names -- DIR`: what the model in the program makes of labelled names. Of names it was trained on it knows more than it will of others:
// train.ts prints what to expect of those.
import { classify, THRESHOLD } from '../../src/detect/methods/generated-names/classify.ts'
import { readCorpus } from './corpus.ts'
import { measure, percent } from './measure.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Give the folder with generated.txt and legitimate.txt.')
const names = readCorpus(folder)
const began = performance.now()
const scored = names.map(({ name, isGenerated }) => ({ score: classify(name), isGenerated }))
const seconds = (performance.now() - began) / 1000
const { precision, recall } = measure(scored, THRESHOLD)
process.stdout.write(`${names.length} names: precision ${percent(precision)}, recall ${percent(recall)} at ${THRESHOLD}\n`)
process.stdout.write(`${Math.round(names.length / seconds)} names a second\n`)
