// Orders: drafts become active only with products, and an active order's products are settled.
import { toNumber } from '../decimal.ts'
import { refused } from '../errors.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema.ts'
import type { FieldValue, Row } from '../table.ts'
import { datetimeText } from '../times.ts'
import { keepCurrency, linesOf, lineTotals, settleParent, takeEntry, total } from './lines.ts'
import type { Rules, Saving } from './types.ts'

const SETTLED_WHEN_ACTIVE = ['AccountId', 'ContractId', 'Pricebook2Id', 'EffectiveDate'] as const
const SETTLED_LINE_FIELDS = ['Quantity', 'UnitPrice', 'PricebookEntryId'] as const

export const orderRules: Rules = {
  prepare({ draft, org }) {
    if (!draft.AccountId && typeof draft.ContractId === 'string')
      draft.AccountId = org.table('Contract').get(draft.ContractId)?.AccountId
  },
  beforeSave(saving) {
    const { type, before, draft } = saving
    keepCurrency(saving, 'OrderItem', 'OrderId', 'order')
    if (!draft.AccountId)
      throw refused('REQUIRED_FIELD_MISSING', 'Required fields are missing: [AccountId]', ['AccountId'])
    draft.StatusCode = statusCode(type, draft.Status)
    if (!before) checkNew(saving)
    else if (draft.StatusCode === 'Activated' && before.StatusCode !== 'Activated') activate(saving, before)
    else if (before.StatusCode === 'Activated' && draft.StatusCode === 'Activated') checkActive(saving, before)
    if (draft.StatusCode !== 'Activated') draft.ActivatedDate = draft.ActivatedById = null
    draft.TotalAmount ??= 0
  },
  beforeDelete({ before }) {
    if (before.StatusCode === 'Activated')
      throw refused('DELETE_FAILED', 'Unable to delete an activated order. Deactivate the order first.')
  },
}

export const orderItemRules: Rules = {
  prepare({ org, draft }) {
    draft.UnitPrice ??= org.table('PricebookEntry').get(String(draft.PricebookEntryId))?.UnitPrice ?? null
  },
  beforeSave(saving) {
    const { org, before, draft } = saving
    const order = org.table('Order').get(String(draft.OrderId))
    if (order?.StatusCode === 'Activated') checkSettledLine(before, draft)
    takeEntry(saving, order, 'order')
    draft.TotalPrice = lineTotals({ ...draft, Discount: null }).subtotal
    draft.AvailableQuantity = draft.Quantity
  },
  beforeDelete({ org, before }) {
    const order = org.table('Order').get(String(before.OrderId))
    if (order && !order.IsDeleted && order.StatusCode === 'Activated') refuseSettled('remove order products from')
  },
  afterSave({ org, tx, before, after }) {
    const orderId = (after ?? before)?.OrderId
    settleParent(org, tx, 'Order', orderId, order => ({ TotalAmount: orderTotal(org, order) }))
  },
}

function statusCode(type: ObjectType, status: FieldValue | undefined): string {
  const field = type.fieldNamed.get('status')
  return field?.picklist.find(value => value.value === status)?.statusCode ?? 'Draft'
}

function checkNew({ draft }: Saving): void {
  if (draft.StatusCode === 'Activated')
    throw refused('INVALID_STATUS', 'Choose a valid order status and save your changes. Ask your admin for details.', [
      'Status',
    ])
}

function activate({ org, tx, draft }: Saving, before: Row): void {
  if (linesOf(org, 'OrderItem', 'OrderId', before.Id).length === 0)
    throw refused('FAILED_ACTIVATION', 'An order must have at least one product.', [])
  draft.ActivatedDate = datetimeText(tx.at)
  draft.ActivatedById = tx.actor.userId
}

function checkActive({ draft }: Saving, before: Row): void {
  const changed = SETTLED_WHEN_ACTIVE.filter(name => (draft[name] ?? null) !== (before[name] ?? null))
  if (changed.length > 0)
    throw refused('FIELD_INTEGRITY_EXCEPTION', `You can't change ${changed.join(', ')} of an activated order`, changed)
}

function checkSettledLine(before: Row | undefined, draft: Saving['draft']): void {
  if (!before) refuseSettled('add order products to')
  if (SETTLED_LINE_FIELDS.some(name => (draft[name] ?? null) !== (before[name] ?? null)))
    refuseSettled('change quantity or price of order products of')
}

function refuseSettled(act: string): never {
  throw refused('FIELD_INTEGRITY_EXCEPTION', `You can't ${act} an activated order`, ['OrderId'])
}

function orderTotal(org: Org, order: Row): number {
  return toNumber(total(linesOf(org, 'OrderItem', 'OrderId', order.Id), 'TotalPrice'))
}
