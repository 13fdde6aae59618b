/** The documents of the control store, and what is taken of their answers. Tests hold them against the published schema. */
import { CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import * as Schema from "effect/Schema"

const REPOSITORY = "repository(owner: $owner, name: $name)"

export const HEAD = `query Head($owner: String!, $name: String!, $ref: String!) {
  ${REPOSITORY} { ref(qualifiedName: $ref) { target { __typename oid ... on Commit { message tree { oid } } } } }
}`

const Commit = Schema.Struct({
  __typename: Schema.Literal("Commit"),
  message: Schema.String,
  oid: Schema.String,
  tree: Schema.Struct({ oid: Schema.String })
})

export const Head = Schema.Struct({
  repository: Schema.Struct({ ref: Schema.NullOr(Schema.Struct({ target: Commit })) })
})
export type HeadCommit = typeof Commit.Type

export const HISTORY = `query History($owner: String!, $name: String!, $from: GitObjectID!, $after: String) {
  ${REPOSITORY} {
    object(oid: $from) {
      ... on Commit {
        history(first: 100, after: $after) {
          pageInfo { hasNextPage endCursor }
          nodes { oid message parents(first: 1) { nodes { oid } } file(path: "${CONTROL_PATH}") { oid type } }
        }
      }
    }
  }
}`

const Past = Schema.Struct({
  file: Schema.NullOr(Schema.Struct({ oid: Schema.String, type: Schema.String })),
  message: Schema.String,
  oid: Schema.String,
  parents: Schema.Struct({ nodes: Schema.Array(Schema.Struct({ oid: Schema.String })) })
})
export type Past = typeof Past.Type

export const History = Schema.Struct({
  repository: Schema.Struct({
    object: Schema.NullOr(
      Schema.Struct({
        history: Schema.Struct({
          nodes: Schema.Array(Past),
          pageInfo: Schema.Struct({ endCursor: Schema.NullOr(Schema.String), hasNextPage: Schema.Boolean })
        })
      })
    )
  })
})

/** Asks for the texts of so many blobs at once, `$b0` and so on. */
export const textsQuery = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const variables = numbers.map((index) => `$b${index}: GitObjectID!`).join(", ")
  const fields = numbers.map((index) => `b${index}: object(oid: $b${index}) { ... on Blob { text } }`).join(" ")
  return `query Texts($owner: String!, $name: String!, ${variables}) { ${REPOSITORY} { ${fields} } }`
}

export const Texts = Schema.Struct({
  repository: Schema.Record(
    Schema.String,
    Schema.NullOr(Schema.Struct({ text: Schema.optionalKey(Schema.NullOr(Schema.String)) }))
  )
})

export const COMMIT = `mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`

export const Committed = Schema.Struct({
  createCommitOnBranch: Schema.Struct({ commit: Schema.Struct({ oid: Schema.String }) })
})
