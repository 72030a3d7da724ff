// What our values are called in each system, or in each that a connector leads to. The words stand here once, for the first start;
// from then on the desk keeps them.
import { table } from '@plumbline/sdk'

export const Holds = table('holds', {
  keptBy: 'order desk',
  says: 'Why an order is held back from delivery',
  starts: {
    sales: {
      'credit to be cleared': 'Credit',
      'papers missing': 'Papers',
      'customer asks to wait': 'Customer',
    },
    'sap-s4hana': { 'credit to be cleared': '01', 'papers missing': '04', 'customer asks to wait': 'Z1' },
  },
})

export const PaymentTerms = table('payment terms', {
  keptBy: 'finance',
  says: 'When an invoice is to be paid',
  starts: {
    sales: {
      'due at once': ['Due on receipt', 'Due immediately'],
      'net 14': 'Net 14',
      'net 30': ['Net 30', '30 days net'],
      'net 60': 'Net 60',
      '2% in 14 days, net 30': '2/14 Net 30',
    },
    'sap-s4hana': {
      'due at once': '0001',
      'net 14': 'NT14',
      'net 30': 'NT30',
      'net 60': 'NT60',
      '2% in 14 days, net 30': '0002',
    },
  },
})
