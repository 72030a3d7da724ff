// The business rules of the standard objects, found by object name.

import { opportunityItemRules, opportunityRules } from './opportunities.ts'
import { orderItemRules, orderRules } from './orders.ts'
import { accountRules, contactRules } from './parties.ts'
import { pricebookEntryRules } from './prices.ts'
import { quoteItemRules, quoteRules } from './quotes.ts'
import type { Rules } from './types.ts'

const NO_RULES: Rules = {}

const RULES: Readonly<Record<string, Rules>> = {
  Account: accountRules,
  Contact: contactRules,
  PricebookEntry: pricebookEntryRules,
  Opportunity: opportunityRules,
  OpportunityLineItem: opportunityItemRules,
  Quote: quoteRules,
  QuoteLineItem: quoteItemRules,
  Order: orderRules,
  OrderItem: orderItemRules,
}

export function rulesOf(objectName: string): Rules {
  return RULES[objectName] ?? NO_RULES
}
