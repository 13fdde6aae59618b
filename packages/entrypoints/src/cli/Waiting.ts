import type { World } from "./World.ts"

/** A world whose word to a person who waits can be held back while that person is the one who is waited for. */
export interface Waiting {
  readonly world: World
  /** Says nothing while `question` is open, and goes on waiting afterwards. */
  readonly during: <A>(question: () => Promise<A>) => Promise<A>
}

export const waitingIn = (world: World): Waiting => {
  const announced = new Map<symbol, { readonly text: string; callOff: () => void }>()
  return {
    during: async (question) => {
      for (const { callOff } of announced.values()) callOff()
      const answer = await question()
      for (const one of announced.values()) one.callOff = world.announce(one.text)
      return answer
    },
    world: {
      ...world,
      announce: (text) => {
        const key = Symbol()
        announced.set(key, { callOff: world.announce(text), text })
        return () => {
          announced.get(key)?.callOff()
          announced.delete(key)
        }
      }
    }
  }
}
