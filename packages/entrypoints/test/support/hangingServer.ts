import { createServer, type Socket } from "node:net"

export interface HangingServer {
  readonly port: number
  /** Resolves when somebody has connected. */
  readonly reached: Promise<void>
  readonly close: () => Promise<void>
}

/** A server on the loopback that lets everybody in and answers nobody. */
export const openHangingServer = async (): Promise<HangingServer> => {
  const sockets = new Set<Socket>()
  let reach = (): void => undefined
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.on("data", () => reach())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const address = server.address()
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
    port: typeof address === "object" && address !== null ? address.port : 0,
    reached
  }
}
