/** Alerts as the command prints them and a webhook carries them: shapes that others build on, only ever added to. */
import type { JsonObject } from "../json/Json.ts"
import { format, MINUTE } from "../time/Instant.ts"
import type { Alert, Change } from "./Alert.ts"
import * as Incident from "./Incident.ts"

/** `{ condition, subject, severity, incident_class, response_minutes, message, opened_at, updated_at, frozen_since? }`. */
export const alert = (of: Alert): JsonObject => {
  const millis = Incident.responseMillis(of.incident)
  return {
    condition: of.condition,
    subject: of.subject,
    severity: of.severity,
    incident_class: of.incident,
    response_minutes: millis === undefined ? null : millis / MINUTE,
    message: of.message,
    opened_at: format(of.openedAt),
    updated_at: format(of.updatedAt),
    ...(of.frozenSince === undefined ? {} : { frozen_since: format(of.frozenSince) })
  }
}

/** `{ transition, at, alert }`. */
export const change = (of: Change): JsonObject => ({
  transition: of.transition,
  at: format(of.at),
  alert: alert(of.alert)
})
