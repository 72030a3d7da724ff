// Who orders: the checks on the sold-to party and the partners of an order.
import { type Order, type OrderInput, orderPartner } from '../documents/order.ts'
import type { BusinessPartner, CustomerSalesArea } from '../documents/partner.ts'
import { refused } from '../odata/errors.ts'
import { blank } from '../odata/model.ts'
import { refuseLocked } from './locks.ts'
import type { SalesArea } from './organisation.ts'
import type { World } from './world.ts'

/** The sold-to party with its sales area, or the reason why it may not order. */
export function orderingCustomer(world: World, id: string, area: SalesArea): CustomerSalesArea {
  if (id === '') throw refused('V1/150', 'Enter a sold-to party or a ship-to party', 'SoldToParty')
  const partner = world.partners.get(id)
  const customer = partner?.to_Customer
  if (!partner || !customer) throw refused('VP/199', `Customer ${id} does not exist`, 'SoldToParty')
  refuseLocked(world, 'customer', id)
  const salesArea = customer.to_CustomerSalesArea.find(each => isIn(each, area))
  if (!salesArea) {
    throw refused(
      'VP/201',
      `Customer ${id} is not defined for sales area ${area.organisation} ${area.channel} ${area.division}`,
      'SoldToParty',
    )
  }
  if (isBlocked(partner, salesArea))
    throw refused('V1/311', `Customer ${id} is blocked for sales orders`, 'SoldToParty')
  return salesArea
}

const isIn = (salesArea: CustomerSalesArea, area: SalesArea) =>
  salesArea.SalesOrganization === area.organisation &&
  salesArea.DistributionChannel === area.channel &&
  salesArea.Division === area.division

const isBlocked = (partner: BusinessPartner, salesArea: CustomerSalesArea) =>
  partner.BusinessPartnerIsBlocked ||
  partner.to_Customer?.OrderIsBlockedForCustomer !== '' ||
  salesArea.OrderIsBlockedForCustomer !== ''

const FUNCTIONS = ['SP', 'SH', 'BP', 'PY']

/** Refuses a function that an order does not have, and a customer that there is not. */
function refuseStranger(world: World, soldTo: string, role: string, customer: string): void {
  if (!FUNCTIONS.includes(role))
    throw refused('VP/102', `Partner function ${role} is not allowed here`, 'PartnerFunction')
  if (role === 'SP' && customer !== soldTo)
    throw refused('VP/110', `Partner function SP must be the sold-to party ${soldTo}`, 'Customer')
  if (!world.partners.get(customer)?.to_Customer)
    throw refused('VP/199', `Customer ${customer} does not exist`, 'Customer')
}

/** The order with another customer in one of its functions. */
export function withPartner(world: World, order: Order, role: string, customer: string): Order {
  refuseStranger(world, order.SoldToParty, role, customer)
  const partners = order.to_Partner.map(each =>
    each.PartnerFunction === role ? { ...each, Customer: customer } : each,
  )
  return { ...order, to_Partner: partners }
}

/** Sold-to, ship-to, bill-to and payer: who the caller named, else who the customer names in its sales area, else the sold-to party. */
export function partnersOf(
  world: World,
  id: string,
  soldTo: string,
  salesArea: CustomerSalesArea,
  input: OrderInput['to_Partner'],
): Order['to_Partner'] {
  for (const { PartnerFunction: role = '', Customer: customer = '' } of input ?? [])
    refuseStranger(world, soldTo, role, customer)
  return FUNCTIONS.map(role => ({
    ...blank(orderPartner),
    SalesOrder: id,
    PartnerFunction: role,
    Customer:
      input?.find(each => each.PartnerFunction === role)?.Customer ??
      salesArea.to_PartnerFunction.find(each => each.PartnerFunction === role)?.BPCustomerNumber ??
      soldTo,
  }))
}
