/** 1 MiB: a run of some 5,000 results. */
export const MOST_BYTES = 2 ** 20

export type Body = { readonly text: string } | { readonly fault: "too-large" | "not-text" }

/** Reads no further than is allowed: what a header says of the length is believed only where it is too much. */
export const readBody = async (request: Request): Promise<Body> => {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) return { fault: "too-large" }
  const reader = request.body?.getReader()
  if (reader === undefined) return { text: "" }
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  let bytes = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const chunk: Uint8Array = part.value
      bytes += chunk.byteLength
      if (bytes > MOST_BYTES) {
        await reader.cancel()
        return { fault: "too-large" }
      }
      text += decoder.decode(chunk, { stream: true })
    }
    return { text: text + decoder.decode() }
  } catch {
    return { fault: "not-text" }
  }
}
