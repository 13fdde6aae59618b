/** Numbers as people read them. */
import { HOUR } from "@batchbrake/core/time/Instant"

export const count = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",")
/** `1 attempt`, `2 attempts` */
export const many = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`
export const hours = (millis: number): string => `${count(Math.round(millis / HOUR))} h`
