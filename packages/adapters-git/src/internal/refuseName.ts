import { type ControlStore, StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"

// The rules of `git check-ref-format`, without the program.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REFUSED = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|^[-./]|[./]$|^@?$/

/** Whether git takes this as a branch's name. */
export const isBranchName = (branch: string): boolean => !REFUSED.test(branch)

/** A store that does nothing but say that its branch cannot have this name. */
export const refuseName = (branch: string): ControlStore["Service"] => {
  const name = JSON.stringify(branch)
  const failure = Effect.fail(
    new StoreUnavailable({
      detail: "git takes no branch of this name",
      mayHaveLanded: false,
      remedy: "name another control branch in the policy",
      store: name
    })
  )
  return { commit: () => failure, findBack: () => failure, name, read: () => failure }
}
