/** Control commits a second, beside the least that git can do: a scripted compare-and-swap of one file. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { interleaved, median, type Outcome, timed } from "./Figure.ts"
import { inScratch, makeRemote, timeOf } from "./Ground.ts"
import { ECOSYSTEMS, open } from "./Programs.ts"

const ROUNDS = 12
const START = Date.UTC(2026, 0, 5)
const SWAP = fileURLToPath(new URL("swap.sh", import.meta.url))

const measure = (root: string) => {
  const { clone } = makeRemote(root, "store")
  const floor = makeRemote(root, "floor").clone
  const file = join(root, "control.json")
  const [remote, local] = [open(clone, "remote"), open(clone, "local")]
  let count = 0
  const once = (store: typeof remote) => (): Promise<number> => {
    const place = count++
    const ecosystem = ECOSYSTEMS[place % ECOSYSTEMS.length] ?? ""
    // Two commits: half of the time is one.
    return timed(() => store.admitAndRecord(ecosystem, `run-${place}`, START + place * 1000)).then((ms) => ms / 2)
  }
  const swap = (how: "push" | "local") => (): number => {
    writeFileSync(file, JSON.stringify({ filler: "x".repeat(2000), place: count++ }))
    return timeOf("sh", [SWAP, how, how, file], floor)
  }
  return {
    close: () => Promise.all([remote.close(), local.close()]),
    init: () => Promise.all([remote.init(START), local.init(START)]),
    run: () =>
      interleaved(ROUNDS, {
        local: once(local),
        remote: once(remote),
        swapLocal: swap("local"),
        swapPush: swap("push")
      })
  }
}

export const benchCommits = (): Promise<Outcome> =>
  inScratch(async (root) => {
    const ground = measure(root)
    await ground.init()
    const taken = await ground.run()
    await ground.close()
    const figure = (what: string, millis: number, note: string) => ({
      bench: "commits",
      note,
      unit: "ms",
      value: millis,
      what
    })
    const [ours, push] = [median(taken.remote), median(taken.swapPush)]
    const [ourLocal, swap] = [median(taken.local), median(taken.swapLocal)]
    return {
      claims: [
        { bench: "commits", met: ours <= 2 * push, text: "a commit on a remote within twice a scripted push" },
        { bench: "commits", met: ourLocal <= 2 * swap, text: "a local commit within twice a scripted update-ref" }
      ],
      figures: [
        figure("one commit, file:// remote", ours, `${(1000 / ours).toFixed(1)} a second; fetches, reduces, pushes`),
        figure("scripted push", push, "writes blob, tree, commit and pushes; neither fetches nor reads"),
        figure("one commit, --local", ourLocal, `${(1000 / ourLocal).toFixed(1)} a second; reads, reduces, writes`),
        figure("scripted update-ref", swap, "writes blob, tree, commit and moves a reference; reads nothing")
      ]
    }
  })
