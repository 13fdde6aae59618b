import { strict as assert } from "node:assert"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import { afterAll, beforeAll, describe, it } from "vitest"
import { startWorkerd, type Workerd } from "./support/Workerd.ts"

describe("The metrics store on a Worker's D1 binding keeps the contract, on workerd", () => {
  let workerd: Workerd
  beforeAll(async () => {
    workerd = await startWorkerd(metricsStoreContract.length)
  })
  afterAll(() => workerd.close())
  const numbered = metricsStoreContract.map(({ name }, number) => ({ name, number }))
  it.each(numbered)("$name", async ({ number }) => {
    assert.equal((await workerd.ask(`/check/${number}`)).text, "kept")
  })
})
