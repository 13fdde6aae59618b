/** A registry with open batches of npm, each with its pull request, and the forge that has them. */
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { Forge } from "@batchbrake/core/port/Forge"
import { type Judging, judgeBatches } from "@batchbrake/core/program/judgeBatches"
import { operate } from "@batchbrake/core/program/operate"
import { findBatch } from "@batchbrake/core/program/readBatches"
import * as MemoryForge from "@batchbrake/core/testing/MemoryForge"
import * as Effect from "effect/Effect"
import { Registry } from "./registry.ts"

export type Service = Forge["Service"]

export const openBatches = async (count: number) => {
  const registry = await Registry.begin()
  registry.content.commit("seed", { "recipes/a": "a1" })
  const forge = MemoryForge.make()
  const ids: Array<string> = []
  for (let place = 0; place < count; place++) {
    const id = await registry.seal({ [`recipes/${place}`]: "new" })
    forge.push(`batch/${id}`, (await registry.run(findBatch(id))).head)
    const draft = { base: "main", body: "", head: `batch/${id}`, labels: [], title: id }
    const { pullRequest } = await Effect.runPromise(forge.service.openPullRequest(draft))
    forge.change(pullRequest.number, { mergesItself: true })
    ids.push(id)
  }
  const judge = (
    batches: ReadonlyArray<string> = [],
    service: Service = forge.service,
    more: Pick<Judging, "redOnly"> = {}
  ) => registry.run(Effect.provideService(judgeBatches({ ...registry.origin(), ...more, batches }), Forge, service))
  const order = (event: Pick<ControlEvent, "_tag">) => {
    const origin = registry.origin()
    const { at, author, nonce: id } = origin
    const more = { at, author, autoResume: false, id, reason: "bad checksums", scope: "npm" }
    return registry.run(operate(origin, [{ ...more, ...event } as ControlEvent]))
  }
  return {
    forge,
    ids,
    judge,
    pause: () => order({ _tag: "Paused" }),
    registry,
    resume: () => order({ _tag: "Resumed" }),
    verdicts: () => forge.checks().map(({ verdict }) => verdict)
  }
}
