/** GitHub's published GraphQL schema, as judge and as server: what resolvers answer is held against it too. */
import { schema as published } from "@octokit/graphql-schema"
import { buildSchema, type GraphQLSchema, graphql, parse, validate } from "graphql"

export const schema: GraphQLSchema = buildSchema(published.idl, { assumeValid: true })

/** An error as GitHub's API has them: with a type beside the message. */
export class QueryError extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/** Answers of the root fields by name, each given its arguments. */
export type Resolvers = Readonly<Record<string, (given: never) => unknown>>

/** What is wrong with a document. */
export const documentFaults = (document: string): ReadonlyArray<string> =>
  validate(schema, parse(document)).map(({ message }) => message)

/** Runs a document over resolvers. A faulty document, faulty variables and a faulty answer are errors without a type. */
export const runQuery = async (
  source: string,
  variableValues: Readonly<Record<string, unknown>>,
  rootValue: Resolvers
) => {
  const { data, errors } = await graphql({ rootValue, schema, source, variableValues })
  const told = errors?.map(({ message, originalError, path }) => ({
    message,
    path,
    ...(originalError instanceof QueryError ? { type: originalError.type } : {})
  }))
  return { data, ...(told === undefined ? {} : { errors: told }) }
}
