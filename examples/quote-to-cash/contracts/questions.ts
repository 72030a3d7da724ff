// What is asked of the ERP while somebody waits.
import { money, question, ref, yesNo } from '@plumbline/sdk'
import { Customer } from './customer.ts'

export const CreditCheck = question(
  'credit check',
  { customer: ref(Customer), amount: money('Amount') },
  { approved: yesNo('Approved'), limit: money('Credit limit'), exposure: money('Open already') },
)
