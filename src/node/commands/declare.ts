// Declarations of options -> commander's options, and the type of their values; each option is declared once.
import { type Command, Option } from 'commander'

/** One option; Value is its type in the command. */
export interface Declared<Value> {
  flags: string
  help: string
  /** Parses the text; `before` is the earlier value of an option that may be repeated. @throws InvalidArgumentError, UsageError */
  parse?(text: string, before: Value): Value
  byDefault?: Value
  isRequired?: boolean
}

/** True if it is given; for --no-NAME false if it is given. */
export function flag(flags: string, help: string): Declared<boolean> {
  return flags.includes('--no-') ? { flags, help } : { flags, help, byDefault: false }
}

export function text(flags: string, help: string): Declared<string | undefined>
export function text(flags: string, help: string, byDefault: string): Declared<string>
export function text(flags: string, help: string, byDefault?: string): Declared<string | undefined> {
  return byDefault === undefined ? { flags, help } : { flags, help, byDefault }
}

export function required(flags: string, help: string): Declared<string> {
  return { flags, help, isRequired: true }
}

export function value<Value>(flags: string, help: string, parse: (text: string) => Value): Declared<Value | undefined>
export function value<Value>(flags: string, help: string, parse: (text: string) => Value, byDefault: Value): Declared<Value>
export function value<Value>(flags: string, help: string, parse: (text: string) => Value, byDefault?: Value): Declared<Value | undefined> {
  return byDefault === undefined ? { flags, help, parse } : { flags, help, parse, byDefault }
}

/** An option that may be repeated, one value each time. */
export function repeated(flags: string, help: string): Declared<string[]>
export function repeated<Value>(flags: string, help: string, parse: (text: string) => Value): Declared<Value[]>
export function repeated(flags: string, help: string, parse: (text: string) => unknown = String): Declared<unknown[]> {
  return { flags, help, parse: (text, before) => [...before, parse(text)], byDefault: [] }
}

/** An option with several values at once: `--capture <file...>`. */
export function several(flags: string, help: string): Declared<string[] | undefined> {
  return { flags, help }
}

type ValueOf<Option> = Option extends Declared<infer Value> ? Value : never
type Optional<Options> = { [Name in keyof Options]: undefined extends ValueOf<Options[Name]> ? Name : never }[keyof Options]

/** The values of a command's options, without those that were not given and have no default. */
export type Values<Options> = { [Name in Exclude<keyof Options, Optional<Options>>]: ValueOf<Options[Name]> } & {
  [Name in Optional<Options>]?: NonNullable<ValueOf<Options[Name]>>
}

/** Adds the options to a command, in their order. The help omits the obvious defaults false and empty list. */
export function addOptions(command: Command, options: Record<string, Declared<unknown>>): Command {
  for (const [name, { flags, help, parse, byDefault, isRequired = false }] of Object.entries(options)) {
    const option = new Option(flags, help).makeOptionMandatory(isRequired)
    if (parse) option.argParser(parse)
    if (option.attributeName() !== name) throw new Error(`${flags} is ${option.attributeName()} to commander, not ${name}`)
    const isShown = byDefault !== undefined && byDefault !== false && !Array.isArray(byDefault)
    if (isShown) option.default(byDefault)
    command.addOption(option)
    if (!isShown && byDefault !== undefined) command.setOptionValueWithSource(name, byDefault, 'default')
  }
  return command
}
