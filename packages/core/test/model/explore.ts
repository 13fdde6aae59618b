/** Every state that a machine can reach in so many steps, breadth first, so that the first fault has a shortest trace. */

/** A step that can be taken, and where it leads; `fault` says what it broke. */
export interface Step<S> {
  readonly label: string
  readonly take: () => { readonly state: S; readonly fault: string | undefined }
}

export interface Machine<S> {
  readonly initial: S
  readonly steps: (state: S) => ReadonlyArray<Step<S>>
  /** Two states with one key go on alike. */
  readonly keyOf: (state: S) => string
  /** What is wrong with a state for ever: asked once of each. */
  readonly trapIn: (state: S) => string | undefined
}

export interface Explored {
  readonly states: number
  readonly transitions: number
  /** Steps from the beginning to the farthest states: all that there are up to there. */
  readonly depth: number
  /** Whether there is nothing beyond. */
  readonly isComplete: boolean
  readonly fault: { readonly says: string; readonly trace: ReadonlyArray<string> } | undefined
}

interface Visited<S> {
  readonly state: S
  readonly from: Visited<S> | undefined
  readonly label: string
}

const traceTo = <S>(end: Visited<S> | undefined, last: string): ReadonlyArray<string> => {
  const trace = [last]
  for (let at = end; at?.from !== undefined; at = at.from) trace.unshift(at.label)
  return trace
}

/** Explores layer by layer; a layer that `mayGoOn` does not allow any more is left out as a whole. */
export const explore = <S>(machine: Machine<S>, mayGoOn: (depth: number, states: number) => boolean): Explored => {
  const seen = new Set([machine.keyOf(machine.initial)])
  let layer: ReadonlyArray<Visited<S>> = [{ from: undefined, label: "begin", state: machine.initial }]
  let [depth, transitions] = [0, 0]
  const result = (fault: Explored["fault"], isComplete = false): Explored => ({
    depth,
    fault,
    isComplete,
    states: seen.size,
    transitions
  })
  while (layer.length > 0 && mayGoOn(depth + 1, seen.size)) {
    const next: Array<Visited<S>> = []
    for (const visited of layer) {
      for (const { label, take } of machine.steps(visited.state)) {
        transitions++
        const { fault, state } = take()
        if (fault !== undefined) return result({ says: fault, trace: traceTo(visited, label) })
        const key = machine.keyOf(state)
        if (seen.has(key)) continue
        seen.add(key)
        const trap = machine.trapIn(state)
        if (trap !== undefined) return result({ says: trap, trace: traceTo(visited, label) })
        next.push({ from: visited, label, state })
      }
    }
    layer = next
    depth++
  }
  return result(undefined, layer.length === 0)
}
