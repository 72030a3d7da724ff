// Checks that records of every older version of a contract can be read.
import type { AnyContract } from '@plumbline/sdk'
import { type Finding, finding } from './finding.ts'
import { versionOf } from './upgrade.ts'

export function checkVersions(contract: AnyContract): Finding[] {
  const version = versionOf(contract)
  if (!Number.isInteger(version) || version < 1) {
    const sentence = `Its version is ${version}: versions count from 1.`
    return [finding('upgrade-missing', { contract: contract.contract }, sentence, 'Write a whole number.', 'version')]
  }
  const upgrades = contract.options.upgrades ?? {}
  const older = Array.from({ length: version - 1 }, (_, i) => i + 1)
  const missing = older
    .filter(from => !upgrades[from])
    .map(from =>
      finding(
        'upgrade-missing',
        { contract: contract.contract },
        `It is at version ${version}, and nothing says how a record of version ${from} becomes one of version ${from + 1}.`,
        `Add ${from}: fields => ({ ...fields, … }) to upgrades.`,
        'version',
      ),
    )
  const stray = Object.keys(upgrades)
    .filter(from => !older.includes(Number(from)))
    .map(from =>
      finding(
        'upgrade-stray',
        { contract: contract.contract },
        `It says how a record of version ${from} is upgraded, and is itself at version ${version}.`,
        `Write version: ${Number(from) + 1}, or take the upgrade out.`,
        'upgrades',
      ),
    )
  return [...missing, ...stray]
}
