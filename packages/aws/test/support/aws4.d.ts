declare module 'aws4' {
  interface Options {
    service: string
    region: string
    host: string
    method: string
    path: string
    headers: Record<string, string>
    body: string
  }
  const aws4: {
    sign: (
      options: Options,
      credentials: {
        accessKeyId: string
        secretAccessKey: string
        sessionToken?: string | undefined
      },
    ) => { headers: Record<string, string> }
  }
  export = aws4
}
