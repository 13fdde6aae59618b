/** What `describe` and `it` say, written down: as much of vitest as the tests of core use. */
import { format } from "node:util"

export interface ListedTest {
  readonly file: string
  readonly id: string
  readonly run: () => unknown
}

type Body = (...row: ReadonlyArray<unknown>) => unknown
type Declare = (name: string, ...rest: ReadonlyArray<unknown>) => void

/** `%s` takes the row's values in turn, `$name` a field of the first. */
const titleOf = (title: string, row: ReadonlyArray<unknown>): string => {
  const [first] = row
  const named = title.replaceAll(/\$(\w+)/g, (whole, field: string) =>
    typeof first === "object" && first !== null && field in first ? String(Reflect.get(first, field)) : whole
  )
  return format(named, ...row.slice(0, named.split(/%[a-z]/).length - 1))
}

const bodyOf = (rest: ReadonlyArray<unknown>): Body => {
  const body = rest.find((each): each is Body => typeof each === "function")
  if (body === undefined) throw new Error("a test without a body")
  return body
}

/** A list to fill: `of` gives the tests that are declared while a file is loaded. */
export const make = () => {
  const listed: Array<ListedTest> = []
  const path: Array<string> = []
  let file = ""
  const list: Declare = (name, ...rest) => {
    const body = bodyOf(rest)
    const id = `${file}: ${[...path, name].join(" > ")}`
    const same = listed.filter((test) => test.id === id || test.id.startsWith(`${id} #`)).length
    listed.push({ file, id: same === 0 ? id : `${id} #${same + 1}`, run: () => body() })
  }
  const group: Declare = (name, ...rest) => {
    path.push(name)
    bodyOf(rest)()
    path.pop()
  }
  const skipIf =
    (declare: Declare) =>
    (skipped: boolean): Declare =>
      skipped ? () => {} : declare
  const each =
    (rows: ReadonlyArray<unknown>) =>
    (title: string, ...rest: ReadonlyArray<unknown>) => {
      for (const row of rows) {
        const values = Array.isArray(row) ? row : [row]
        list(titleOf(title, values), () => bodyOf(rest)(...values))
      }
    }
  return {
    of: (name: string, load: () => unknown): ReadonlyArray<ListedTest> => {
      file = name
      path.length = 0
      const before = listed.length
      load()
      return listed.slice(before)
    },
    vitest: {
      describe: Object.assign(group, { skipIf: skipIf(group) }),
      it: Object.assign(list, { each, skipIf: skipIf(list) })
    }
  }
}
