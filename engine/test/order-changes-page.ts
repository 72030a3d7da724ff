// The page docs/order-changes.md, made of what came of every change at every stage.

type Outcomes = Readonly<Record<string, string>>

export function pageOf<S extends string>(stages: readonly S[], at: (stage: S) => Outcomes, inErp: Outcomes): string {
  const columns = stages.map(at)
  const why = [...new Set(columns.flatMap(Object.values).flatMap(outcome => reasonOf(outcome) ?? []))]
  const cell = (outcome: string | undefined): string => {
    const reason = reasonOf(outcome ?? '')
    return reason === undefined ? (SHORT[outcome ?? ''] ?? 'unclear') : `no (${why.indexOf(reason) + 1})`
  }
  const rows = Object.keys(columns[0] ?? {}).map(change => [
    change,
    ...columns.map(outcomes => cell(outcomes[change])),
    inErp[change] === 'put right' ? 'put right' : 'shown in Salesforce',
  ])
  const reasons = why.map((reason, n) => [String(n + 1), reason, whose(reason)])
  return [
    BEFORE,
    table(['a salesperson wants', ...stages, 'entered in the ERP'], rows),
    '',
    BETWEEN,
    table(['no', 'what the order in Salesforce says', 'who says so'], reasons),
    '',
    AFTER,
  ].join('\n')
}

const reasonOf = (outcome: string): string | undefined => /^refused: (.*)$/.exec(outcome)?.[1]
const whose = (reason: string): string => (reason.startsWith('the ERP owns') ? 'the contract' : 'the ERP')

const SHORT: Readonly<Record<string, string>> = {
  applied: 'yes',
  'applied, once the order desk says yes': 'asked',
  'nothing to change': '-',
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(3, title.length, ...rows.map(row => (row[at] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}

const BEFORE = `# What may be changed of an order

A salesperson changes an order in Salesforce after it was booked. What becomes of that depends on how far the order is. The table is
written by the test that tries each of them, between the sandboxes of Salesforce and S/4HANA, with the contracts of
[the example](../examples/quote-to-cash/README.md).

- **yes**: it stands in the ERP and in Salesforce a moment later, with one write.
- **asked**: the order desk is asked, the old value stands meanwhile and the order says so; when the desk says yes it is as above.
- **no**: both systems hold what they held, and the order says why, in its \`Plumbline_Note__c\`. The numbers stand below.
- **-**: there is nothing to change: the order is not on hold.
`

const BETWEEN = `The first line has been shipped in part where the order is: two of five. Quantities, prices, cancelled and removed lines are of that line.
Quantities go up and down in one kind of change, so there are twelve. The last column says what becomes of the same change, of a booked order,
when somebody in the ERP makes it: sales owns the customer's reference until the invoice names it.
`

const FIELDS = [
  ['order products', 'items: added, deleted, their quantity, and their price as a condition PMP0'],
  ['`Requested_Delivery_Date__c`', '`RequestedDeliveryDate`'],
  ['`Ship_To__c`, an account', "the partner with the function SH: goods go to that customer's address"],
  ['`Hold__c`', '`DeliveryBlockReason`, in the words of the table `holds`, kept by the order desk'],
  [
    '`Cancellation_Reason__c`',
    '`SalesDocumentRjcnReason` of the item; on the order, of every item that is not yet sent',
  ],
  ['`Payment_Terms__c`, `PoNumber`', '`CustomerPaymentTerms`, `PurchaseOrderByCustomer`'],
]

const AFTER = `What a salesperson changes is kept as a dispute, with who wanted what and what became of it (\`plumb disputes --by user\`), unless sales owns it, as
it owns the reference.

## Where it is said

\`contracts/sale.ts\` says in one place what becomes of which change. What was agreed with the customer (products, prices, the date, payment
terms) is a \`change request\`: the order desk decides, and the ERP may still refuse. What only the ERP can tell (whether there is still something
to hold, to send elsewhere or to cancel) is a \`try\`. The reference is owned by condition.

${table(['a change in Salesforce', 'is in S/4HANA'], FIELDS)}

What is changed at once is one transaction in the ERP: it takes all of it or nothing. When its answer is lost, the order is looked at before
anything is sent again, and the table is the same.

Salesforce takes products out of an active order, or puts them in, only while it is a draft. Whoever changes them sets it to draft, changes
them and activates it again in one transaction, as a button on the order does; so do we.

At which stage a real S/4HANA refuses depends on how it is set up; the sandbox follows its usual rules, and
[its page](../sandbox/sap-s4hana/README.md) says which of them nobody could check. Nothing here depends on them: what the ERP says is what counts.

This page is written by \`npm test -- engine/test/order-changes.test.ts -u\`, and the test fails when it is not true any more.
`
