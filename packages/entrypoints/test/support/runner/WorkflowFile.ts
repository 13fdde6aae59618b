/** A workflow as it is written, as far as the runner here reads it. */
import { parse } from "yaml"

type Texts = Readonly<Record<string, string | number | boolean>>

export interface StepFile {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Texts
  readonly with?: Texts
}

export interface JobFile {
  readonly name: string
  readonly needs?: string | ReadonlyArray<string>
  readonly if?: string
  readonly permissions: Texts
  readonly outputs?: Texts
  readonly strategy?: { readonly matrix: string; readonly "max-parallel": number }
  readonly "runs-on": string
  readonly "timeout-minutes": number
  readonly steps: ReadonlyArray<StepFile>
}

export interface WorkflowFile {
  readonly name: string
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Texts
  readonly concurrency: Texts
  readonly jobs: Readonly<Record<string, JobFile>>
}

export const readWorkflow = (text: string): WorkflowFile => parse(text)

export const needsOf = ({ needs }: JobFile): ReadonlyArray<string> => [needs ?? []].flat()
