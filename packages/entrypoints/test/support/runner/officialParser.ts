/** The platform's own parser of workflows. Its files import JSON as no program of node's may: bundled, it loads. */
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser"

/** What is wrong with the text of a workflow. */
export const problemsOf = async (name: string, content: string): Promise<ReadonlyArray<string>> => {
  const { context, value } = parseWorkflow({ content, name }, new NoOperationTraceWriter())
  const found = context.errors.getErrors().map(({ message }) => message)
  if (value === undefined) return found
  const { errors = [] } = await convertWorkflowTemplate(context, value)
  return [...found, ...errors.map(({ Message }) => Message)]
}
