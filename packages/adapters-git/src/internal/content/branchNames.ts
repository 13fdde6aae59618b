/** Names for a branch that is to be new: the one wanted, or the same with -2, -3, and so on. */

/** All names under which a branch could not stand beside `branch`: `a` and `a/b` for `a/b/c`. */
export const branchesAbove = (branch: string): ReadonlyArray<string> => {
  const parts = branch.split("/")
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"))
}

/** The name to begin with: the one wanted, in one piece where a branch stands above it, since git puts none below. */
export const roomFor = (wanted: string, there: { readonly has: (branch: string) => boolean }): string =>
  branchesAbove(wanted).some((above) => there.has(above)) ? wanted.replaceAll("/", "-") : wanted

/** The number of a name in the row of `wanted`, `wanted-2`, `wanted-3`; `undefined` when it is none of them. */
export const numberOf = (wanted: string, name: string): number | undefined => {
  if (name === wanted) return 1
  if (!name.startsWith(`${wanted}-`)) return undefined
  const digits = name.slice(wanted.length + 1)
  return /^(?:[2-9]|[1-9]\d{1,8})$/.test(digits) ? Number(digits) : undefined
}

/** The first name of the row that nothing stands at or below. */
export const freeName = (wanted: string, taken: Iterable<string>): string => {
  const names = new Set<string>()
  for (const name of taken) for (const above of [name, ...branchesAbove(name)]) names.add(above)
  let name = wanted
  for (let number = 2; names.has(name); number++) name = `${wanted}-${number}`
  return name
}
