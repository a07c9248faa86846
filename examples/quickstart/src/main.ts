import { showBoundary } from './acts/boundary.ts'
import { showDecisions } from './acts/decisions.ts'
import { takeFourSteps } from './acts/four-steps.ts'
import { showLife } from './acts/life.ts'
import { useToken } from './acts/one-token.ts'
import { say, title } from './narrator.ts'
import { openStage } from './stage.ts'

const stage = await openStage()
title('A backend with Countersign inside')
say(`An Express app that embeds the engine listens on ${stage.url}`)

const login = await takeFourSteps(stage)
await showLife(stage, login)
await useToken(stage, login)
await showDecisions(stage, login)
await showBoundary(stage)

await stage.close()
console.log('\nThe main job runs: one workload, one token, and every answer has its reason')
