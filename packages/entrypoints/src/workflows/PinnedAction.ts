/**
 * Actions of others, each by the commit that it was looked at. Looked up on 2026-11-23: each hash stood in several public
 * repositories' workflows with this version beside it. Before you renew one, compare it with the tag at `source`, and
 * renew `confirmed` with it. What has no line here is done with git and gh.
 */
import type { Noted } from "./Yaml.ts"

export interface PinnedAction {
  readonly commit: string
  readonly version: string
  readonly source: string
  readonly confirmed: string
}

export const PINNED_ACTIONS = {
  "actions/checkout": {
    commit: "de0fac2e4500dabe0009e67214ff5f5447ce83dd",
    confirmed: "2026-11-23",
    source: "https://github.com/actions/checkout/releases/tag/v6.0.2",
    version: "v6.0.2"
  },
  "actions/download-artifact": {
    commit: "37930b1c2abaa49bbe596cd826c3c89aef350131",
    confirmed: "2026-11-23",
    source: "https://github.com/actions/download-artifact/releases/tag/v7.0.0",
    version: "v7.0.0"
  },
  "actions/upload-artifact": {
    commit: "b7c566a772e6b6bfb58ed0dc250532a479d7789f",
    confirmed: "2026-11-23",
    source: "https://github.com/actions/upload-artifact/releases/tag/v6.0.0",
    version: "v6.0.0"
  }
} as const satisfies Readonly<Record<string, PinnedAction>>

/** What stands behind `uses:`. */
export const pinned = (name: keyof typeof PINNED_ACTIONS): Noted => ({
  note: PINNED_ACTIONS[name].version,
  value: `${name}@${PINNED_ACTIONS[name].commit}`
})
