import assert from 'node:assert/strict'
import type { Case } from '@countersign/testing/conformance'
import {
  channelCases,
  channelGapCases,
  channelWithinCases,
  forgetfulLimiterCases,
  rateLimiterCases,
  runtimeCases,
  signerCases,
  sinkCases,
  sinkOutageCases,
  verifierCases,
} from '@countersign/testing/conformance'
import { describe, test } from 'vitest'
import {
  breakableChannel,
  channelSaboteurs,
  honestChannel,
  transactionalChannel,
  transactionalSaboteurs,
} from './saboteurs/channel.ts'
import { hoarder, honestLimiter, rateLimiterSaboteurs } from './saboteurs/rate-limiter.ts'
import { honestRuntime, runtimeSaboteurs } from './saboteurs/runtime.ts'
import type { Saboteur } from './saboteurs/saboteur.ts'
import { honestSigners, signerSaboteurs } from './saboteurs/signer.ts'
import { closedSink, listSink, silentSink, sinkSaboteurs } from './saboteurs/sink.ts'
import { honestVerifier, verifierSaboteurs } from './saboteurs/verifier.ts'

function passes<Subject>(cases: readonly Case<Subject>[], subject: Subject): void {
  for (const { name, run } of cases) test(name, () => run(subject))
}

function catches<Subject>(
  cases: readonly Case<Subject>[],
  saboteurs: readonly Saboteur<Subject>[],
): void {
  for (const { bug, caughtBy, subject } of saboteurs)
    test(`${caughtBy}: catches one that ${bug}`, async () => {
      const found = cases.find(({ name }) => name === caughtBy)
      assert.ok(found, 'there is no such case')
      await assert.rejects(found.run(subject))
    })
}

describe('memoryChannel()', () => passes(channelCases, honestChannel))
describe('channelCases', () => catches(channelCases, channelSaboteurs))
describe('channelWithinCases', () => {
  passes(channelWithinCases, transactionalChannel('committed'))
  catches(channelWithinCases, transactionalSaboteurs)
})
describe('channelGapCases', () => passes(channelGapCases, breakableChannel('everything')))

describe('createLocalRateLimiter()', () => {
  passes(rateLimiterCases, honestLimiter)
  passes(forgetfulLimiterCases, honestLimiter)
})
describe('rateLimiterCases', () => {
  catches(rateLimiterCases, rateLimiterSaboteurs)
  catches(forgetfulLimiterCases, [hoarder])
})

describe('systemRuntime', () => passes(runtimeCases, honestRuntime))
describe('runtimeCases', () => catches(runtimeCases, runtimeSaboteurs))

for (const signer of honestSigners)
  describe(`a signer by ${signer.algorithm}`, () =>
    passes(signerCases, { createSigner: () => signer }))
describe('signerCases', () => catches(signerCases, signerSaboteurs))

describe('a sink', () => {
  passes(sinkCases, listSink())
  passes(sinkOutageCases, closedSink)
})
describe('sinkCases', () => {
  catches(sinkCases, sinkSaboteurs)
  catches(sinkOutageCases, [silentSink])
})

describe('a verifier', () => passes(verifierCases, honestVerifier))
describe('verifierCases', () => catches(verifierCases, verifierSaboteurs))
