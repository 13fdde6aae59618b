import { createHash } from "node:crypto"
import { deflateSync } from "node:zlib"
import type { NewObject, ObjectFormat } from "./GitObject.ts"

const TYPE_NUMBER = { blob: 3, commit: 1, tree: 2 } as const

/** Type and size: four bits of the size beside the type, then seven a byte, the lowest first. */
const headerOf = ({ bytes, type }: NewObject): Buffer => {
  const header = [(TYPE_NUMBER[type] << 4) | (bytes.length & 15)]
  for (let rest = Math.floor(bytes.length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    header[header.length - 1] = (header.at(-1) ?? 0) | 128
    header.push(rest & 127)
  }
  return Buffer.from(header)
}

/** A pack of whole objects, as `git unpack-objects` reads it: any number of objects for one process. */
export const encodePack = (format: ObjectFormat, objects: ReadonlyArray<NewObject>): Buffer => {
  const start = Buffer.alloc(12)
  start.write("PACK", 0, "latin1")
  start.writeUInt32BE(2, 4)
  start.writeUInt32BE(objects.length, 8)
  const body = Buffer.concat([start, ...objects.flatMap((object) => [headerOf(object), deflateSync(object.bytes)])])
  return Buffer.concat([body, createHash(format).update(body).digest()])
}
