const PURE = "^packages/core/src/(batch|breaker|budget|control|drift|forecast|hash|json|policy|sampling|sli|time)/"

/** The one dependency rule: core <- adapters <- entrypoints, and inside core: pure <- port <- program. */
export default {
  forbidden: [
    {
      name: "core-imports-stable-effect-only",
      comment: "Core does no I/O and follows no unstable module: itself and effect's top-level modules, nothing else.",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: "^packages/core/src/testing/" },
      to: { pathNot: ["^packages/core/src/", "^node_modules/effect/dist/[A-Z]\\w*\\.(d\\.ts|js)$"] }
    },
    {
      name: "core-testing-imports-effect-only",
      comment: "What core exports for tests may drive effect's test services too, and still does no I/O.",
      severity: "error",
      from: { path: "^packages/core/src/testing/" },
      to: {
        pathNot: [
          "^packages/core/src/",
          "^node_modules/effect/dist/(testing/)?[A-Z]\\w*\\.(d\\.ts|js)$",
          "^node_modules/fast-check/"
        ]
      }
    },
    {
      name: "pure-stays-pure",
      comment: "Time, randomness and identity arrive as values in the event; a pure folder runs no effect.",
      severity: "error",
      from: { path: PURE },
      to: {
        path: [
          "^packages/core/src/(port|program|testing)/",
          "^node_modules/effect/dist/(Effect|Context|Layer|Clock|Random)\\."
        ]
      }
    },
    {
      name: "port-knows-no-program",
      severity: "error",
      from: { path: "^packages/core/src/port/" },
      to: { path: "^packages/core/src/(program|testing)/" }
    },
    {
      name: "program-knows-no-layer",
      comment: "A program asks for ports; what stands behind them is wired by the entrypoints.",
      severity: "error",
      from: { path: "^packages/core/src/program/" },
      to: { path: ["^packages/core/src/testing/", "^node_modules/effect/dist/Layer\\."] }
    },
    {
      name: "adapters-know-ports-only",
      comment: "An adapter translates; what to do is decided in core's programs. Core's testing is for its tests.",
      severity: "error",
      from: { path: "^packages/adapters-[^/]+/src/" },
      to: { path: "^packages/core/src/(program|testing)/" }
    },
    {
      name: "adapters-are-strangers",
      severity: "error",
      from: { path: "^packages/(adapters-[^/]+)/" },
      to: { path: "^packages/(adapters-|entrypoints/)", pathNot: "^packages/$1/" }
    },
    {
      name: "no-source-imports-a-test",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: ["^packages/[^/]+/test/", "^test/", "\\.test\\.ts$"] }
    },
    {
      name: "no-barrel",
      comment: "A root barrel loads everything behind it, and platform-node's wants a peer that is not installed.",
      severity: "error",
      from: { path: "^(packages|test|bench)/" },
      to: { path: "^node_modules/(effect|@effect/[^/]+)/dist/index\\." }
    },
    {
      name: "no-cycle",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { circular: true }
    },
    {
      name: "every-import-resolves",
      comment:
        "An import that resolves to nothing slips past every other rule. The launcher imports what only a build makes.",
      severity: "error",
      from: { pathNot: "^packages/entrypoints/bin/" },
      to: { couldNotResolve: true }
    }
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^packages/[^/]+/dist/|/fixtures/|^(docs|[.][a-z]+)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "default"] }
  }
}
