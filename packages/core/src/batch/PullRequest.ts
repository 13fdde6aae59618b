/** Where a landing is asked for: the address of a pull request, as the forge shows it to people. */
import * as Result from "effect/Result"
import { type Refusal, refusal } from "./Refusal.ts"

const LONGEST = 2_000
const ADDRESS = /^https?:\/\/[^\s/?#@\\]+\/[^\s\\]*$/u

/** An http or https address without a user's name, a password, or anything that would not stand on one line. */
export const parse = (text: string): Result.Result<string, Refusal> =>
  text.length <= LONGEST && ADDRESS.test(text) && !/\p{C}/u.test(text)
    ? Result.succeed(text)
    : Result.fail(
        refusal(
          "not-an-address",
          "a pull request is named by its address, such as https://forge.example/owner/repository/pull/7, without credentials"
        )
      )
