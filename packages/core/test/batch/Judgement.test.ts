import { strict as assert } from "node:assert"
import * as Judgement from "@batchbrake/core/batch/Judgement"
import type { Manifest } from "@batchbrake/core/batch/Manifest"
import { refusal } from "@batchbrake/core/batch/Refusal"
import { type Decision, hold } from "@batchbrake/core/control/Decision"
import * as BatchArbitrary from "@batchbrake/core/testing/BatchArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const decision = (ecosystem: string, kind: Decision["decision"]): Decision => ({
  ...hold({ ecosystem, runKey: undefined }, [{ code: kind === "hold" ? "paused" : "closed", message: `${kind} it` }]),
  decision: kind
})

interface World {
  readonly asked: ReadonlyArray<Judgement.Asked>
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly held: ReadonlyArray<string>
  readonly known: Judgement.Known
}

const OTHERS = ["main", "side/a", "batch", "batches/2026-01-05-001", "Batch/2026-01-05-001"]
const HEADS = ["a", "b", "c"].map((digit) => digit.repeat(40))

/** Batches of few heads, so that some have one in common, and the pull requests of some of them. */
const world: fc.Arbitrary<World> = fc
  .record({
    held: fc.subarray(["homebrew", "npm", "crates.io"], { maxLength: 1 }),
    manifests: fc.uniqueArray(
      fc
        .tuple(BatchArbitrary.manifest, fc.constantFrom("sealed", "sealed", undefined), fc.constantFrom(...HEADS))
        // Most are what may be green; the others are as they come.
        .map(
          ([one, state, head]): Manifest => ({
            ...one,
            ...(state === undefined ? {} : { state, head }),
            ecosystems: one.ecosystems
          })
        ),
      { maxLength: 4, minLength: 1, selector: ({ id }) => id }
    ),
    pulls: fc.array(
      fc.record({
        head: fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, fc.constantFrom(...HEADS)),
        isForeign: fc.nat({ max: 4 }).map((chance) => chance === 0),
        other: fc.oneof(
          { arbitrary: fc.constant(undefined), weight: 5 },
          fc.constantFrom(...OTHERS, "batch/x", "batch/", "batch/2099-01-01-001")
        ),
        place: fc.nat({ max: 3 })
      }),
      { maxLength: 4 }
    )
  })
  .map(({ held, manifests, pulls }): World => {
    const byId = new Map(manifests.map((one) => [one.id, one]))
    return {
      asked: pulls.map(({ head, isForeign, other, place }, number) => ({
        branch: other ?? `batch/${manifests[place]?.id ?? "2099-01-01-002"}`,
        // Mostly the one that was sealed.
        head: head ?? manifests[place]?.head ?? "c".repeat(40),
        isForeign,
        number
      })),
      held,
      known: {
        decide: (ecosystem) => decision(ecosystem, held.includes(ecosystem) ? "hold" : "run"),
        manifestOf: (id) => {
          const found = byId.get(id)
          return found === undefined ? Result.fail(refusal("unknown-batch", `no ${id}`)) : Result.succeed(found)
        }
      },
      manifests: byId
    }
  })

/** Green by itself, said anew from the rule. */
const mayLand = ({ held, manifests }: World, { branch, head }: Judgement.Asked): boolean => {
  const manifest = manifests.get(branch.replace("batch/", ""))
  return (
    manifest?.state === "sealed" &&
    manifest.head === head &&
    manifest.ecosystems.length > 0 &&
    !manifest.ecosystems.some((name) => held.includes(name))
  )
}

const isOurs = ({ branch, isForeign }: Judgement.Asked): boolean => !isForeign && branch.startsWith("batch/")

describe("Judging a batch (SPEC.md JU)", () => {
  it("[JU1] [JU4] green is what may land, and shares its commit with nothing that may not", () => {
    let greens = 0
    fc.assert(
      fc.property(world, (given) => {
        for (const { head, isGreen, ...one } of Judgement.judge(given.asked, given.known)) {
          const sharing = given.asked.filter((other) => isOurs(other) && other.head === head)
          assert.equal(
            isGreen,
            sharing.every((other) => mayLand(given, other)),
            JSON.stringify({ head, ...one })
          )
          if (isGreen) greens++
        }
      })
    )
    assert.ok(greens > 0, `${greens} were green`)
  })

  it("[JU2] what is red says why, each of its reasons, and what is green what the gate said of each ecosystem", () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const { batch, isGreen, reasons } of Judgement.judge(given.asked, given.known)) {
          assert.ok(reasons.length > 0)
          if (isGreen) assert.equal(reasons.length, given.manifests.get(batch)?.ecosystems.length)
        }
      })
    )
    const manifest: Manifest = { ...sealed(), state: "rolled-back" }
    const [red] = Judgement.judge([asking({ head: "f".repeat(40) })], knowing(manifest, "hold"))
    assert.deepEqual(
      red?.reasons.map(({ code }) => code),
      ["rolled-back", "moved", "paused"]
    )
    for (const [own, code] of [
      [{ ...sealed(), ecosystems: [] }, "no-ecosystem"],
      [{ ...sealed(), state: "open" }, "not-sealed"],
      [{ ...sealed(), state: "merged" }, "merged"]
    ] as const) {
      const [one] = Judgement.judge([asking({})], knowing(own, "run"))
      assert.deepEqual([one?.isGreen, one?.reasons[0]?.code], [false, code])
    }
    assert.equal(Judgement.judge([asking({})], knowing(sealed(), "probe"))[0]?.isGreen, true)
  })

  it("[JU2] a sealed batch without a head is red, though nothing speaks against it", () => {
    const { head: _, ...headless } = sealed()
    assert.equal(Judgement.judge([asking({})], knowing(headless, "run"))[0]?.isGreen, false)
  })

  it("[JU3] exactly the pull requests of this repository's branches of batches are judged", () => {
    fc.assert(
      fc.property(world, (given) => {
        const ours = given.asked.filter(isOurs).map(({ number }) => number)
        for (const judged of [
          Judgement.judge(given.asked, given.known),
          Judgement.refuseAll(given.asked, { code: "unknown", message: "" })
        ]) {
          assert.deepEqual(
            judged.map(({ number }) => number),
            ours
          )
        }
      })
    )
  })

  it("[JU4] naming some judges them as judging all does", () => {
    fc.assert(
      fc.property(world, fc.nat({ max: 5 }), (given, place) => {
        const all = Judgement.judge(given.asked, given.known)
        const name = all[place]?.batch
        if (name === undefined) return
        const some = Judgement.judge(Judgement.about(given.asked, [name]), given.known)
        assert.deepEqual(
          some.filter(({ batch }) => batch === name),
          all.filter(({ batch }) => batch === name)
        )
      })
    )
  })
})

const ID = "2026-01-05-001"
const [HEAD = ""] = HEADS
const sealed = (): Manifest => ({
  aliases: [],
  by: "alice",
  ecosystems: ["npm"],
  head: HEAD,
  id: ID,
  merged_again: [],
  opened_at: "2026-01-05T00:00:00Z",
  paths: [],
  rollbacks: [],
  state: "sealed",
  version: 1
})
const asking = (more: Partial<Judgement.Asked>): Judgement.Asked => ({
  branch: `batch/${ID}`,
  head: HEAD,
  isForeign: false,
  number: 1,
  ...more
})
const knowing = (manifest: Manifest, kind: Decision["decision"]): Judgement.Known => ({
  decide: (ecosystem) => decision(ecosystem, kind),
  manifestOf: () => Result.succeed(manifest)
})
