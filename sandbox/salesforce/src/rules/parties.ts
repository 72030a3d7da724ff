// Accounts and contacts.
import { refused } from '../errors.ts'
import type { Rules } from './types.ts'

export const accountRules: Rules = {
  beforeSave({ before, draft }) {
    if (before && draft.ParentId === before.Id)
      throw refused('CIRCULAR_DEPENDENCY', 'attempt to create a cyclic dependency', ['ParentId'])
  },
}

export const contactRules: Rules = {
  beforeSave({ draft }) {
    draft.Name = [draft.FirstName, draft.LastName].filter(Boolean).join(' ')
  },
}
