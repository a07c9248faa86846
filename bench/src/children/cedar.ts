import { each } from '../harness/timed.ts'
import { serve } from '../harness/worker.ts'
import { createCedar } from '../peers/cedar.ts'
import { freshQuestions, plainRules, QUESTIONS, questionsAbout } from '../workload/permissions.ts'

const [name = '', count] = process.argv.slice(2)
const questions = questionsAbout(Number(count))
const ask = createCedar(plainRules(Number(count)))
const { sample } = each(name, freshQuestions(questions, QUESTIONS), ask)

serve({ sample, answers: () => questions.map(ask) })
