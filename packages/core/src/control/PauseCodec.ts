/** One pause between the file and memory. */
import type { Json, JsonObject } from "../json/Json.ts"
import type { PauseShape } from "./ControlFileShape.ts"
import type { Pause } from "./Pause.ts"
import { instantOf, text, unknownOf, written } from "./Written.ts"

const PAUSE_KEYS = ["reason", "category", "incident_url", "by", "at", "expected_resume", "auto_resume"]
/** A text of the file; empty is none. */
export const present = (value: string | undefined): string | undefined => (value === "" ? undefined : value)

export const readPause = (shape: PauseShape, raw: Json | undefined): Pause => ({
  at: instantOf(shape.at),
  author: shape.by,
  autoResume: shape.auto_resume ?? false,
  category: present(shape.category),
  expectedResume: instantOf(shape.expected_resume),
  incidentUrl: present(shape.incident_url),
  reason: shape.reason,
  unknown: unknownOf(raw, PAUSE_KEYS)
})

export const writePause = (pause: Pause): JsonObject =>
  written({
    reason: pause.reason,
    category: pause.category,
    incident_url: pause.incidentUrl,
    by: pause.author,
    at: text(pause.at),
    expected_resume: text(pause.expectedResume),
    auto_resume: pause.autoResume || undefined,
    ...pause.unknown
  })
