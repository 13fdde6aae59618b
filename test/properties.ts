/** For every property: one that fails on something large is shrunk for so long and no longer. */
import * as fc from "fast-check"

fc.configureGlobal({ interruptAfterTimeLimit: 60_000 })
