import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Surroundings } from '../auto.ts'
import { socketFetch } from './socket-fetch.ts'

/** What `auto(…)` recognizes a platform by: the variables that are given, `process.env` most of the time, and files. */
export function surroundingsOf(environment: Surroundings['environment']): Surroundings {
  return {
    environment,
    readFile: (path) => readFile(path, 'utf8'),
    fileExists: existsSync,
    socketFetch,
  }
}
