// The campaign in a thread of its own, so that the main thread can see it hang.
import { parentPort, workerData } from 'node:worker_threads'
import { type Campaign, type Failure, type Outcome, run } from './campaign.ts'

export interface Job extends Omit<Campaign, 'subjects' | 'donors'> {
  subjects: Campaign['subjects']
  donors: Campaign['donors']
  skip: number
  /** Int32: subject, index, mutants begun. Shared. */
  beat: Int32Array
}

export type Message = { failure: Failure } | { outcome: Outcome }

const { skip, beat, ...campaign } = workerData as Job
// Copies made for this thread are equal, no longer the same: what is not compressed must be told again.
for (const list of [campaign.subjects, campaign.donors])
  for (const subject of list) if (Buffer.compare(subject.stored, subject.bytes) === 0) subject.bytes = subject.stored
const post = (message: Message): void => parentPort!.postMessage(message)

const outcome = await run(
  campaign,
  {
    onMutant(subject, index) {
      beat[0] = subject
      beat[1] = index
      Atomics.add(beat, 2, 1)
    },
    onFailure: (failure) => post({ failure }),
  },
  skip,
)
post({ outcome })
