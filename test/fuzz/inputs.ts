import { readCorpus, surfaces, type Seed, type Surface } from './corpus.ts'
import type { AnswerMaker } from './fuzzing-step.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** Octets for one surface of a gateway, and the way to send them. */
export interface Input {
  readonly surface: Surface
  /** As a report names it. */
  readonly name: string
  readonly message: Buffer
  /** How badly it is sent; `undefined`: as it is. */
  readonly random: Random | undefined
  /** The octets that found a fault if this input did: of the surface `steps` the answer of the step. */
  readonly octets: Buffer
}

/** The inputs of a seed. The same seed gives the same octets in the same order, whatever the gateway does. */
export interface Inputs {
  /** Each message of the corpus, as it is. */
  readonly corpus: readonly Input[]
  /** An input that nobody wrote. */
  mutated(surface: Surface, number: number): Input
  /** The step answers the body of a request with this. */
  readonly answerTo: AnswerMaker
}

const callers = ['hostile', 'hostile-chain', 'hostile-stored', 'hostile-reply'] as const
const callerHeaders = [
  '',
  'accept: text/event-stream\r\n',
  'prefer: respond-async, wait=1\r\n',
  'ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n'
]

export function createInputs(seed: number, chosen: readonly Surface[]): Inputs {
  const corpora = new Map(surfaces.map(surface => [surface, readCorpus(surface)]))
  const corpusOf = (surface: Surface): readonly Seed[] => corpora.get(surface) ?? []
  const answerTo = makeAnswers(seed, corpusOf('steps'))
  const mutated = (surface: Surface, number: number): Input => {
    const name = `${surface} ${number}`
    const random = new Random(seed, name)
    if (surface === 'steps') return provoke(name, String(number), answerTo, random)
    const messages = corpusOf(surface).map(({ message }) => message)
    const message = mutate(random.pick(messages) ?? Buffer.alloc(0), random, messages)
    return { surface, name, message, random, octets: message }
  }
  const asWritten = (surface: Surface): Input[] =>
    corpusOf(surface).flatMap(({ name, message }, i): Input[] => {
      if (surface !== 'steps') return [{ surface, name, message, random: undefined, octets: message }]
      return callers.map(caller => ({ ...provoke(name, `corpus ${i}`, answerTo, undefined, caller), octets: message }))
    })
  return { corpus: chosen.flatMap(asWritten), mutated, answerTo }
}

/** An honest request for the answer that the step gives to this body. */
function provoke(
  name: string,
  body: string,
  answerTo: AnswerMaker,
  random: Random | undefined,
  caller = random?.pick(callers) ?? 'hostile'
): Input {
  const more = random?.pick(callerHeaders) ?? ''
  const head = `POST /default/${caller} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n${more}`
  const message = Buffer.from(`${head}content-length: ${body.length}\r\n\r\n${body}`)
  return { surface: 'steps', name, message, random, octets: answerTo(body).answer }
}

function makeAnswers(seed: number, corpus: readonly Seed[]): AnswerMaker {
  const answers = corpus.map(({ message }) => message)
  return body => {
    const asWritten = /^corpus (\d+)$/.exec(body)?.[1]
    const written = asWritten === undefined ? undefined : answers[Number(asWritten)]
    if (written !== undefined) return { answer: written, random: undefined }
    const random = new Random(seed, `answer ${body}`)
    return { answer: mutate(random.pick(answers) ?? Buffer.alloc(0), random, answers), random }
  }
}
