import { strict as assert } from "node:assert"
import * as Containment from "@batchbrake/core/batch/Containment"
import * as ContentPath from "@batchbrake/core/batch/ContentPath"
import * as PullRequest from "@batchbrake/core/batch/PullRequest"
import * as TreeEntry from "@batchbrake/core/batch/TreeEntry"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { changed, directory, file } from "./batches.ts"

describe("The paths that a batch may hold (SPEC.md BA)", () => {
  it("are the directories above them too, the outermost first", () => {
    assert.deepEqual(ContentPath.ancestorsOf("a/b/c"), ["a", "a/b"])
    assert.deepEqual(ContentPath.ancestorsOf("a"), [])
    assert.deepEqual(ContentPath.ancestorsOf(""), [])
  })

  it("[BA7] each that no file system reads otherwise is plain", () => {
    for (const path of ["a", "a b/c", ".a", "...", "a..", "git~", "git~1x", "xgit~1", ".git1", "x.git", ".git-x"]) {
      assert.ok(ContentPath.isPlain(path), path)
    }
    for (const path of [
      "git~12",
      ".git . ",
      ".git :a",
      "\u206agit~1",
      "a\u007f",
      "a\ud800",
      ".",
      "..",
      "a/.",
      "a//b"
    ]) {
      assert.ok(!ContentPath.isPlain(path), JSON.stringify(path))
    }
  })

  it("[BA7] one that any glob covers is inside, and hidden files are covered as others are", () => {
    const refusalOf = ContentPath.within(["recipes/**", "docs/*.md"])
    for (const path of ["recipes/a", "recipes/.a/b", "docs/.a.md", "docs/a.md"])
      assert.equal(refusalOf(path), undefined)
    assert.equal(refusalOf("docs/a/b.md"), "outside-content")
    assert.equal(refusalOf("recipes/.git/a"), "not-a-path")
    assert.equal(ContentPath.within([])("recipes/a"), "outside-content")
  })

  it("[BA7] those that are one where case does not count are found together, each once", () => {
    assert.deepEqual(ContentPath.collisions(["a/B", "a/b", "c", "A/b", "a/b", "c"]), [["a/B", "a/b", "A/b"]])
    assert.deepEqual(ContentPath.collisions(["a", "a"]), [])
    assert.deepEqual(ContentPath.collisions([]), [])
    for (const group of [
      ["\u03c3", "\u03c2", "\u03a3"],
      ["\u0130", "i\u0307"]
    ]) {
      assert.deepEqual(ContentPath.collisions(group), [group])
    }
  })

  it("are sorted by where they stand, each change in the order given", () => {
    const changes = ["recipes/b", "docs/b", "recipes/../b", "recipes/a", "docs/a", ""].map((path) =>
      changed(path, "1", "2")
    )
    const { inside, notPaths, outside } = Containment.sortOut(["recipes/**"], changes)
    assert.deepEqual(
      [inside.map(({ path }) => path), notPaths, outside],
      [
        ["recipes/b", "recipes/a"],
        ["recipes/../b", ""],
        ["docs/b", "docs/a"]
      ]
    )
  })
})

describe("What cannot be a batch's (SPEC.md BA)", () => {
  const refused = (
    changes: ReadonlyArray<TreeEntry.PathChange>,
    notBlobs?: ReadonlyArray<string>,
    standing?: ReadonlyArray<string>
  ) => Containment.objection(["recipes/**", "docs/**"], changes, notBlobs, standing)
  const added = (path: string) => changed(path, undefined, "1")

  it("[BA7] twenty paths are named, and how many more there are", () => {
    const names = Array.from({ length: 22 }, (_, index) => `p${index}`)
    const quoted = (count: number): string =>
      names
        .slice(0, count)
        .map((name) => `"${name}"`)
        .join(", ")
    assert.equal(Containment.named(names.slice(0, 20)), quoted(20))
    assert.equal(Containment.named(names.slice(0, 21)), `${quoted(20)} and 1 more`)
    assert.equal(Containment.named(names), `${quoted(20)} and 2 more`)
    assert.equal(Containment.named([]), "")
  })

  it("[BA7] is refused with its paths, what is wrong with them, and what to do", () => {
    assert.deepEqual(refused([added("recipes/a"), added("x/a"), added("recipes/../a")]), {
      code: "not-a-path",
      message: 'no batch may hold these paths (.., .git, control characters): "recipes/../a"'
    })
    const rest = "under the policy's content (recipes/**, docs/**)"
    const remedy = "leave them out of the batch, or widen `content`"
    assert.deepEqual(refused([added("recipes/a"), added("x/a"), added("x/b")], ["recipes/sub"]), {
      code: "outside-content",
      message: `these paths are not ${rest}: "x/a", "x/b"; ${remedy}`
    })
    assert.deepEqual(refused([added("x/a")]), {
      code: "outside-content",
      message: `nothing of it is ${rest}: "x/a"; ${remedy}`
    })
    assert.deepEqual(refused([], ["recipes/sub"]), {
      code: "not-a-file",
      message: 'submodules, names that are no UTF-8 and the like cannot be in a batch: "recipes/sub"'
    })
    assert.deepEqual(refused([added("recipes/A"), added("recipes/a")]), {
      code: "case-collision",
      message: 'these paths are one where case does not count: "recipes/A", "recipes/a"'
    })
    assert.equal(refused([]), undefined)
  })

  it("[BA7] a collision names what the batch adds, not what it takes away or what stood there before", () => {
    const standing = ["recipes/a", "recipes/A", "recipes/b"]
    assert.equal(refused([changed("recipes/B", "1", undefined)], [], standing), undefined)
    assert.equal(refused([changed("recipes/B", "1", "2")], [], standing), undefined)
    assert.match(refused([added("recipes/B")], [], standing)?.message ?? "", /: "recipes\/B", "recipes\/b"$/)
    assert.match(refused([added("docs/a"), added("Docs/a")], [])?.code ?? "", /outside-content/)
    assert.match(refused([added("docs/a/x"), added("docs/A/y")])?.message ?? "", /: "docs\/a", "docs\/A"$/)
  })
})

describe("Entries of a tree (SPEC.md RB)", () => {
  it("are the same with their mode and blob, and directories are alike whatever is in them", () => {
    const other = { ...directory, blob: "e".repeat(40) }
    assert.deepEqual(
      [
        TreeEntry.same(file("1"), file("1")),
        TreeEntry.same(file("1"), file("2")),
        TreeEntry.same(file("1"), file("1", "100755")),
        TreeEntry.same(undefined, undefined),
        TreeEntry.same(file("1"), undefined),
        TreeEntry.same(undefined, file("1"))
      ],
      [true, false, false, true, false, false]
    )
    assert.deepEqual(
      [
        TreeEntry.alike(directory, other),
        TreeEntry.alike(file("1"), file("1")),
        TreeEntry.alike(directory, file("1")),
        TreeEntry.alike(file("1"), directory),
        TreeEntry.alike(undefined, directory)
      ],
      [true, true, false, false, false]
    )
  })

  it("are texts, links, or neither", () => {
    const modes = ["100644", "100755", "120000", "040000", "160000"]
    const of = (test: (entry: TreeEntry.TreeEntry) => boolean) => modes.filter((mode) => test(file("1", mode)))
    assert.deepEqual(of(TreeEntry.isRegular), ["100644", "100755"])
    assert.deepEqual(of(TreeEntry.isBlob), ["100644", "100755", "120000"])
    assert.deepEqual(of(TreeEntry.isDirectory), ["040000"])
    assert.equal(TreeEntry.isRegular(undefined), false)
    assert.equal(TreeEntry.isDirectory(undefined), false)
  })

  it("come in the order of their paths by code unit", () => {
    const [a, b] = [{ path: "a" }, { path: "b" }]
    assert.deepEqual([TreeEntry.byPath(a, b), TreeEntry.byPath(b, a), TreeEntry.byPath(a, { path: "a" })], [-1, 1, 0])
    assert.equal(TreeEntry.byPath({ path: "B" }, a), -1)
  })
})

describe("The address of a pull request (SPEC.md BA)", () => {
  const isAddress = (text: string): boolean => Result.isSuccess(PullRequest.parse(text))

  it.each([
    "https://forge.example/owner/repository/pull/7",
    "http://forge.example:8080/7",
    "HTTPS://FORGE.EXAMPLE/a#note",
    "https://forge.example//a",
    "https://forge.example/ä@b"
  ])("%s is one", (text) => {
    assert.deepEqual(PullRequest.parse(text), Result.succeed(text))
  })

  it.each([
    "",
    "7",
    "ftp://forge.example/7",
    "xhttps://forge.example/7",
    "https:/forge.example/7",
    "https:///7",
    "https://forge.example",
    "https://forge.example/",
    "https://forge.example//",
    "https://forge.example/#a",
    "https://user@forge.example/7",
    "https://user:word@forge.example/7",
    "https://forge.example?a/7",
    "https://forge.example#a/7",
    "https://forge.example/7?token=a",
    "https://forge.example/?a",
    "https://forge.example/ 7",
    "https://forge.example/7 8",
    "https://forge.example/7\n",
    "https://forge.example/7\\8",
    "https://forge\\example/7",
    "https://forge.example/\\7",
    "https://forge.example/7\u0000",
    "https://forge.example/7\u202e8"
  ])("%j is none", (text) => {
    const found = PullRequest.parse(text)
    assert.ok(Result.isFailure(found))
    assert.equal(found.failure.code, "not-an-address")
    assert.match(found.failure.message, /without credentials and without a query$/)
  })

  it("is at most 2000 characters long", () => {
    const address = "https://forge.example/".padEnd(2000, "7")
    assert.deepEqual([isAddress(address), isAddress(`${address}7`)], [true, false])
  })
})
