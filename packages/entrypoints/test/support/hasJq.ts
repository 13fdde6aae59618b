import { spawnSync } from "node:child_process"

/** Whether the program jq is here: hosted runners have it, and the scripts of the generated workflows use it. */
export const hasJq = spawnSync("jq", ["--version"]).status === 0
