/** The fields that events of every kind are made of. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { InstantText } from "../json/Field.ts"
import * as Instant from "../time/Instant.ts"

/** An instant, written as text. */
export const At = InstantText.pipe(
  Schema.decodeTo(Schema.Int, {
    decode: SchemaGetter.transform((text: string) => Instant.parse(text) ?? 0),
    encode: SchemaGetter.transform(Instant.format)
  })
)

/** The ID of an event that no run and no batch identifies. */
export const OwnId = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z._-]{1,200}$/))

/** Who made an event, and when: fixed when it is made, not per attempt to write it. */
export const origin = { at: At, author: Schema.String }
