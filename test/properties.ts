/**
 * For every property. One that fails on something large is shrunk for so long and no longer. In CI the seed is fixed, so
 * that a push is judged by its change and not by chance; everywhere else each run explores anew, and `PROPERTY_SEED`
 * repeats one.
 */
import * as fc from "fast-check"

const CI_SEED = 20_261_123
const { CI, PROPERTY_SEED } = process.env
const seed = PROPERTY_SEED !== undefined ? Number(PROPERTY_SEED) : CI === "true" ? CI_SEED : undefined

fc.configureGlobal({ interruptAfterTimeLimit: 60_000, ...(seed === undefined ? {} : { seed }) })
