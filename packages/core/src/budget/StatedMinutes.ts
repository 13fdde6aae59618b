/** Minutes as people and jobs state them: `macos=12.5`, once a job. */
import * as Result from "effect/Result"
import { isName } from "../json/Field.ts"
import * as Minutes from "./Minutes.ts"

const split = (text: string): { readonly platform: string; readonly amount: string } => {
  const equals = text.indexOf("=")
  return equals < 0
    ? { amount: "", platform: text }
    : { amount: text.slice(equals + 1), platform: text.slice(0, equals) }
}

const LARGEST = 1_000_000_000

const collect = (
  texts: ReadonlyArray<string>,
  shape: RegExp,
  expected: string
): Result.Result<Minutes.Minutes, string> => {
  let sum = Minutes.none
  for (const text of texts) {
    const { amount, platform } = split(text)
    if (!isName(platform) || !shape.test(amount) || Math.abs(Number(amount)) > LARGEST) {
      return Result.fail(`found ${JSON.stringify(text)}, expected ${expected}`)
    }
    sum = Minutes.add(sum, { [platform]: Minutes.roundUp(Number(amount)) })
  }
  return Result.succeed(sum)
}

/** Minutes used: each statement is one job's, and every started minute is one. `undefined` where none is stated. */
export const parse = (texts: ReadonlyArray<string>): Result.Result<Minutes.Minutes | undefined, string> =>
  texts.length === 0
    ? Result.succeed(undefined)
    : collect(texts, /^\d+(?:\.\d+)?$/, "PLATFORM=MINUTES, such as macos=12.5")

/** Changes to the minutes spent, whole and with a sign. */
export const parseChanges = (texts: ReadonlyArray<string>): Result.Result<Minutes.Minutes, string> =>
  collect(texts, /^[+-]?\d+$/, "PLATFORM=CHANGE in whole minutes, such as macos=-30")
