// What must not compile: each line below an @ts-expect-error lets somebody in whom nobody has looked at.

import type { Countersign } from '../../src/index.ts'
import { isCountersignError } from '../../src/index.ts'

declare const countersign: Countersign

const source = { address: '192.0.2.1' }

/** A guard whose author forgets what an answer is. */
export async function guards(token: string): Promise<void> {
  // @ts-expect-error a promise is no answer: it is always there
  // biome-ignore lint/nursery/noMisusedPromises: the compiler sees it without a linter
  if (countersign.authenticate(token, source)) console.log('welcome')
  // @ts-expect-error nor is the promise of the other verb
  // biome-ignore lint/nursery/noMisusedPromises: the compiler sees it without a linter
  if (countersign.tryAuthenticate(token, source)) console.log('welcome')
  // @ts-expect-error a promise is nobody
  console.log(countersign.authenticate(token, source).identity)
  // @ts-expect-error a promise manages nothing
  countersign.as(countersign.authenticate(token, source))

  const answer = await countersign.tryAuthenticate(token, source)
  // @ts-expect-error an answer that was not looked at may be an error
  console.log(answer.identity)
  // @ts-expect-error and no error manages anything
  countersign.as(answer)
  if (isCountersignError(answer)) return console.log(answer.code)
  console.log(answer.identity, countersign.as(answer))

  const told = await countersign.introspect(token)
  // @ts-expect-error what is not active is nobody
  console.log(told.sub)
  if (told.active) console.log(told.sub)
}
