/** Git over smart HTTP on the loopback: `git http-backend` behind node's server, with faults on demand. */
import { spawn } from "node:child_process"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Fault {
  /** Answers in the backend's place when it returns true. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Lets the backend do its work and then hangs up instead of answering. */
  readonly hangsUp?: (request: IncomingMessage) => boolean
}

export interface GitHttpServer {
  readonly port: number
  readonly url: string
  /** `METHOD path authorizations` of each request. */
  readonly requests: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

const variablesOf = (root: string, request: IncomingMessage): NodeJS.ProcessEnv => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
  return {
    ...process.env,
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_PROJECT_ROOT: root,
    GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    PATH_INFO: pathname,
    QUERY_STRING: searchParams.toString(),
    REMOTE_ADDR: "127.0.0.1",
    REMOTE_USER: "test",
    REQUEST_METHOD: request.method ?? "GET"
  }
}

const answer = (response: ServerResponse, output: Buffer): void => {
  const end = output.indexOf("\r\n\r\n")
  for (const line of output.toString("latin1", 0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(": ")
    if (name === "Status") response.statusCode = Number.parseInt(value, 10)
    else response.setHeader(name, value)
  }
  response.end(output.subarray(end + 4))
}

/** Each that was sent: node's own `headers` would hide a second one. */
const authorizationsOf = ({ rawHeaders }: IncomingMessage): ReadonlyArray<string> =>
  rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === "authorization" && index % 2 === 1)

/** Serves the repositories below `root`. */
export const serveGit = async (root: string, fault: Fault = {}): Promise<GitHttpServer> => {
  const requests: Array<string> = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${authorizationsOf(request).join(", ")}`)
    if (fault.instead?.(request, response) === true) return
    const backend = spawn("git", ["http-backend"], { env: variablesOf(root, request) })
    const chunks: Array<Buffer> = []
    backend.stdin.on("error", () => undefined)
    request.pipe(backend.stdin)
    backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
    backend.on("close", () => {
      if (fault.hangsUp?.(request) === true) response.destroy()
      else answer(response, Buffer.concat(chunks))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
    port,
    requests,
    url: `http://127.0.0.1:${port}`
  }
}
