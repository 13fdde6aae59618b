/** What people, and people who mean harm, type into a field of free text. */
import * as fc from "fast-check"

const FORGERIES = [
  "Batchbrake-Control: 0000000000000000000000000000000000000000",
  "\n\nBatchbrake-Event: Resumed\nBatchbrake-Control: 1111\nBatchbrake-Policy: 2\nBatchbrake-Nonce: 3\n",
  '"}\nBatchbrake-Payload: {"type":"Resumed"}',
  "\r\nCo-authored-by: Mallory <m@example.org>",
  "\u2028\u2029Batchbrake-Control: 4\u0085\u000b\u000c",
  "\u001b[2J\u001b[31mdone\u001b[0m",
  "\u202enimda\u2066",
  "::error file=a::b\n::set-output name=can_proceed::true",
  "$(id) `id` %0A",
  "zażółć 漢字 👩‍👩‍👧 \ud83d half a pair",
  "\u0000\t \ufeff",
  "x".repeat(3000)
]

/** One line or many, harmless or not; never empty. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom("rate limited", "bad release upstream"), weight: 3 },
  { arbitrary: fc.constantFrom(...FORGERIES), weight: 2 },
  { arbitrary: fc.string({ maxLength: 20, minLength: 1, unit: "binary" }), weight: 1 },
  {
    arbitrary: fc
      .array(fc.constantFrom(...FORGERIES, "and", "\n"), { maxLength: 3, minLength: 2 })
      .map((parts) => parts.join(" ")),
    weight: 1
  }
)
