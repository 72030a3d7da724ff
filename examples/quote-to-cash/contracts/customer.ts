// Customer: who buys. Known in both systems under one customer number; new customers are onboarded, never copied.
import { contract, text, whereFound } from '@plumbline/sdk'

export const Customer = contract(
  'customer',
  {
    number: text('Customer number').ownedBy('erp').optional(),
    name: text('Name').ownedBy('crm'),
  },
  {
    match: 'number',
    knownBy: ['name', 'number'],
    livesIn: { crm: whereFound(), erp: whereFound() },
  },
)
