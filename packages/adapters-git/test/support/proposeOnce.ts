/** Proposes in a process of its own, which may be killed: `node proposeOnce.ts REPOSITORY COMMIT PATH`. */
import { layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import { proposal, withContent } from "./runContent.ts"

const [, , repository = "", onto = "", path = ""] = process.argv
process.env.PROPOSER = String(process.pid)
const layer = layerRemote({ remote: "origin", repository, timeoutMillis: 20_000 })
const { branch } = await withContent(layer, (content) => content.propose(proposal(onto, { [path]: undefined })))
process.stdout.write(branch)
