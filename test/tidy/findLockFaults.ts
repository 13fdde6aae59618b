interface LockedPackage {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** The folders in which Node would look for a dependency of the package at `path`, nearest first. */
const lookUpFolders = (path: string): ReadonlyArray<string> => {
  if (path === "") return ["node_modules/"]
  const parent = path.lastIndexOf("/node_modules/")
  return [`${path}/node_modules/`, ...lookUpFolders(parent < 0 ? "" : path.slice(0, parent))]
}

/**
 * What makes an install fail or differ elsewhere: download addresses, which tie the lock to one registry, and optional
 * packages of other platforms, which `npm install` drops silently and `npm ci` then misses.
 */
export const findLockFaults = ({ packages }: LockFile): ReadonlyArray<string> =>
  Object.entries(packages).flatMap(([path, { optionalDependencies = {}, resolved = "" }]) => [
    ...(/^(https?|git\+)/.test(resolved) ? [`${path} carries a download address`] : []),
    ...Object.keys(optionalDependencies)
      .filter((name) => !lookUpFolders(path).some((folder) => `${folder}${name}` in packages))
      .map((name) => `${path === "" ? "the root" : path} wants ${name}, which the lock lacks`)
  ])
