/** The command as a server: started, waited for until it says where it listens, and ended as Ctrl-C would. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { script } from "./Command.ts"
import type { Workshop } from "./Workshop.ts"

export interface Serving {
  readonly url: string
  readonly end: () => Promise<{
    readonly exitCode: number | null
    readonly signal: NodeJS.Signals | null
    readonly stderr: string
  }>
}

export const beginServing = async (workshop: Workshop, environment: NodeJS.ProcessEnv): Promise<Serving> => {
  const child = spawn(process.execPath, [script(), "metrics", "serve", "--port", "0"], {
    cwd: workshop.clone,
    env: { ...workshop.environment, ...environment },
    killSignal: "SIGKILL",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 60_000
  })
  let stderr = ""
  child.stderr.setEncoding("utf8")
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (text: string) => {
      stderr += text
      const found = /serving (\S+);/.exec(stderr)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once("close", () => reject(new Error(stderr)))
  })
  return {
    end: async () => {
      const closed = once(child, "close")
      child.kill("SIGINT")
      await closed
      return { exitCode: child.exitCode, signal: child.signalCode, stderr }
    },
    url
  }
}
