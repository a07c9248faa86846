/** Changes whatever can be changed in a value, as a careless caller would. */
export function tamper(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date) value.setTime(0)
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name)
    if (typeof member === 'object') tamper(member)
    // Answers false where the member is frozen, and throws nothing.
    else Reflect.set(value, name, 'tampered')
  }
}
