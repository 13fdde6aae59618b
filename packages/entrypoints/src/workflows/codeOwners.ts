/** The lines of CODEOWNERS that keep policy and brakes in their owners' hands. */
import { HOME } from "./Part.ts"

const BEGIN = "# batchbrake: begin"
const END = "# batchbrake: end"
const OWNED = ["/batch-policy.json", `/${HOME}/`, "/.github/workflows/batchbrake-*.yml"]

/** A user, a team or an address, as CODEOWNERS takes them. */
const OWNER = /^(?:@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9._-]+)?|[^\s@#]+@[^\s@#]+\.[^\s@#]+)$/

export const isOwner = (text: string): boolean => OWNER.test(text)

/** Without an owner the lines are remarks: a pattern without one would take the owners away that it has. */
const block = (owners: ReadonlyArray<string>): string =>
  [
    BEGIN,
    ...(owners.length === 0
      ? ["# Put a user or a team behind each, and take the marks away:", ...OWNED.map((path) => `# ${path}`)]
      : OWNED.map((path) => `${path} ${owners.join(" ")}`)),
    END,
    ""
  ].join("\n")

/** CODEOWNERS with our lines at its end, since the last pattern that fits counts; lines of ours that stand there stay. */
export const withCodeOwners = (text: string, owners: ReadonlyArray<string>): string => {
  if (text.includes(`${BEGIN}\n`)) return text
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`
  return `${before}${before === "" ? "" : "\n"}${block(owners)}`
}
