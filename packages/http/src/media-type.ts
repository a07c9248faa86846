/** The two ways in which fields arrive. */
export type MediaType = 'json' | 'form'

const types: Readonly<Record<string, MediaType>> = {
  'application/json': 'json',
  'application/x-www-form-urlencoded': 'form',
}

/** Reads a `Content-Type` header; `undefined` is what we do not take, another charset than UTF-8 included. */
export function parseMediaType(header: string | undefined): MediaType | undefined {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';').map(withoutBlanks)
  const isUtf8 = parameters
    .filter((parameter) => parameter.startsWith('charset'))
    .every((charset) => charset === 'charset=utf-8' || charset === 'charset="utf-8"')
  return isUtf8 && Object.hasOwn(types, type) ? types[type] : undefined
}

function withoutBlanks(text: string): string {
  return text.trim()
}
