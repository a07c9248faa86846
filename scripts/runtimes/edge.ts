import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'

/** What every runtime of the web has; nothing of Node is among it. */
const WEB = {
  AbortController,
  AbortSignal,
  atob,
  btoa,
  clearTimeout,
  crypto,
  fetch,
  Headers,
  performance,
  ReadableStream,
  Request,
  Response,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
}

/** Bundles a workload as for the edge, and lets it work where there is nothing but the web. */
export async function workAtTheEdge(folder: string, url: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}/workload.mjs`],
    bundle: true,
    format: 'iife',
    globalName: 'workload',
    platform: 'neutral',
    write: false,
  })
  const context = createContext({ ...WEB, url })
  runInContext(outputFiles[0]?.text ?? '', context)
  return runInContext('workload.work(url)', context)
}
