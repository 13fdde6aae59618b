/** Which changes of a breaker's state there are. */
import * as fc from "fast-check"
import type { ControlEvent } from "../../control/ControlEvent.ts"
import { breakerOf, type ControlFile } from "../../control/ControlFile.ts"
import * as EventArbitrary from "../EventArbitrary.ts"
import { all, fold, HELD, inTurn, isTrue, law, next, same, UNTRIED, type Verdict } from "./Law.ts"

/** Events that replace the whole file. */
const takesOver = ({ _tag }: ControlEvent): boolean => _tag === "Imported" || _tag === "HandEditAdopted"

const edge = (name: string, before: ControlFile, now: ControlFile, event: ControlEvent): Verdict => {
  const [was, is] = [breakerOf(before, name), breakerOf(now, name)]
  const isReset = event._tag === "BreakerReset" && event.ecosystem === name
  return inTurn(
    () => isTrue(`${name} keeps its generation of ${was.generation}`, is.generation >= was.generation),
    () => isTrue(`the edge of ${name} raises its generation`, was.state === is.state || is.generation > was.generation),
    () => (was.state === "open" ? HELD : UNTRIED),
    () => isTrue(`${event._tag} does not close ${name}, which is open`, is.state !== "closed" || isReset)
  )
}

export const edges = law(
  {
    name: "edges",
    rules: ["BR8", "BR17"],
    says: "no event but a reset takes an open breaker to closed, and every edge raises the generation",
    speaksOf: "an open breaker"
  },
  ({ ecosystems, now }) =>
    fc
      .tuple(EventArbitrary.history(ecosystems, now, 15), EventArbitrary.event(ecosystems, now))
      .map(([history, event]) => [...history, event].filter((each) => !takesOver(each))),
  (events) => events,
  ({ control, ecosystems, policy }, events) => {
    let state = control
    const step = (event: ControlEvent): Verdict => {
      const before = state.file
      state = next(policy, state, event)
      return all(ecosystems.map((name) => edge(name, before, state.file, event)))
    }
    return all(events.map(step))
  }
)

export const resetting = law(
  {
    name: "resetting",
    rules: ["BR23"],
    says: "a reset ends in closed from any state, with nothing held against the ecosystem"
  },
  ({ ecosystems, now }) =>
    fc.constantFrom(...ecosystems).map(
      (ecosystem): ControlEvent => ({
        _tag: "BreakerReset",
        at: now,
        author: "operator",
        ecosystem,
        id: "reset",
        reason: "mended by hand"
      })
    ),
  (event) => [event],
  ({ control, policy }, event) => {
    if (event._tag !== "BreakerReset") return UNTRIED
    const before = breakerOf(control.file, event.ecosystem)
    const { failures, generation, state, trips, window } = breakerOf(
      fold(policy, control, [event]).file,
      event.ecosystem
    )
    return inTurn(
      () => same("what it stands at", [state, window, failures, trips], ["closed", "", 0, 0]),
      () => isTrue("the generation is a later one", generation > before.generation)
    )
  }
)
