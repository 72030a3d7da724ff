// The types of runtime.mjs, which every Node since 20 must be able to read as it is.

/** The pinned Node among the dependencies of the file `from` (a URL), else the running one when it is new enough. */
export function findRuntime(from: string): { node: string; version: string } | { problem: string }

/** What makes Node run our TypeScript: workspaces resolve to their sources. */
export const SOURCE_FLAGS: readonly string[]

/** Runs Node in our place and returns its exit code. */
export function runInOurPlace(
  node: string,
  args: readonly string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<number>
