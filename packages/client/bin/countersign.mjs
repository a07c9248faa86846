#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '@countersign/client/cli'
import { certificateFetch, socketFetch } from '@countersign/client/node'

const read = (path) => readFile(path, 'utf8')

// Whoever reads may have read enough: `countersign audit list | head`.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCli({
  arguments: process.argv.slice(2),
  environment: process.env,
  isInteractive: process.stderr.isTTY === true,
  print: (text) => console.log(text),
  note: (text) => console.error(text),
  fileExists: existsSync,
  readFile: read,
  socketFetch,
  certificateFetch: ({ cert, key, ca }) =>
    certificateFetch({ cert: () => read(cert), key: () => read(key), ca: ca && (() => read(ca)) }),
  makeFolder: () => mkdtemp(join(tmpdir(), 'countersign-')),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  async readInput() {
    if (process.stdin.isTTY) return ''
    let text = ''
    for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
    return text
  },
  async writeSecretFile(path, content) {
    await writeFile(`${path}.new`, content, { mode: 0o600 })
    await rename(`${path}.new`, path)
  },
  run([program = '', ...given], environment) {
    return new Promise((resolve, reject) => {
      const child = spawn(program, given, {
        stdio: 'inherit',
        env: { ...process.env, ...environment },
      })
      const pass = (signal) => child.kill(signal)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
      child.once('error', (cause) => reject(new Error(`${program} cannot be run`, { cause })))
      child.once('close', (code, signal) => {
        for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, pass)
        resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
      })
    })
  },
})
