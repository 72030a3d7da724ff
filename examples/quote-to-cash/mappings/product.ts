// Product: a product in Salesforce and Tryton, a material in S/4HANA.
import { sapS4 } from '@plumbline/connector-sap-s4hana'
import { tryton } from '@plumbline/connector-tryton'
import { mapping, objectOf } from '@plumbline/sdk'
import { Product } from '../contracts/product.ts'
import { org } from '../systems/salesforce-org.ts'

export const productInSalesforce = mapping(Product, objectOf(org, 'Product2'), { sku: 'ProductCode', name: 'Name' })

export const productInS4 = mapping(Product, objectOf(sapS4, 'Product'), {
  sku: 'Product',
  name: { skip: 'sales names its products itself' },
})

export const productInTryton = mapping(Product, objectOf(tryton, 'Product'), {
  sku: 'code',
  name: { skip: 'sales names its products itself' },
})
