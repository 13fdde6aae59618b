import { assert, describe, it } from "vitest"
import { apiOf, isTrusted, parseAddress, parseName } from "../src/GitHubRepository.ts"

const KNOWN = { owner: "octo", repository: "registry.js" }

describe("The repository that is meant (SPEC.md FG)", () => {
  it.each([
    "https://github.com/octo/registry.js",
    "https://github.com/octo/registry.js.git",
    "https://x-access-token:secret@github.com/octo/registry.js.git/",
    "git@github.com:octo/registry.js.git",
    "github.com:octo/registry.js",
    "ssh://git@github.com/octo/registry.js.git",
    "ssh://git@GitHub.com:22/octo/registry.js"
  ])("[FG11] is read from the address of the remote: %s", (address) => {
    assert.deepEqual(parseAddress(address), { ...KNOWN, host: "github.com" })
  })

  it.each([
    ...["", "/srv/git/registry.git", "../registry", "file:///srv/octo/registry.git", "https://github.com/octo"],
    ...["https://github.com/octo/registry/tree", "https://github.com/../registry", "git@github.com:/octo/registry"],
    "C:\\\\repositories\\\\registry"
  ])("[FG11] is not guessed from anything else: %j", (address) => {
    assert.isUndefined(parseAddress(address))
  })

  it("[FG11] is a name of two parts that stay within their place", () => {
    assert.deepEqual(parseName("octo/registry.js"), KNOWN)
    for (const name of [
      "octo",
      "octo/",
      "/registry",
      "octo/registry/x",
      "../registry",
      "octo/..",
      "octo/re gistry",
      "o?/r"
    ]) {
      assert.isUndefined(parseName(name), name)
    }
  })

  it("[FG5] the token goes to the public API or to one that is named, over TLS or on this machine alone", () => {
    assert.equal(apiOf("github.com"), "https://api.github.com")
    for (const host of ["ghe.example", "github.com.example", "notgithub.com", ""]) assert.isUndefined(apiOf(host), host)
    for (const url of ["https://ghe.example/api/v3", "http://127.0.0.1:4001", "http://localhost", "http://[::1]:80"]) {
      assert.isTrue(isTrusted(url), url)
    }
    for (const url of [
      "",
      "ghe.example",
      "http://ghe.example",
      "http://127.0.0.1.example",
      "ftp://localhost",
      "https://a:b@ghe.example"
    ]) {
      assert.isFalse(isTrusted(url), url)
    }
  })
})
