// The value of a table of constants for a text that comes from elsewhere: every object also has what Object.prototype has, such as "constructor".

export function ownValue<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}
