// The standard objects that the sandbox knows, with the names, lengths and requirements of the real ones.
import { address, autoNumber, count, DERIVED, day, email, field, flag, longText, money, type ObjectDraft, percent, phone, picklist, READ_ONLY, ref, standardObject, text, url, whole } from './fields.ts'
import { OPPORTUNITY_STAGES } from './stages.ts'

const name = (length: number) => text('Name', length, { required: true, nameField: true })

const account = standardObject('Account', 'Account', '001', [
  name(255),
  picklist('Type', ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Channel Partner / Reseller', 'Installation Partner', 'Technology Partner', 'Other']),
  ref('ParentId', 'Account', 'ChildAccounts'),
  ...address('Billing'),
  ...address('Shipping'),
  phone('Phone'),
  phone('Fax'),
  text('AccountNumber', 40),
  url('Website'),
  text('Sic', 20),
  picklist('Industry', ['Agriculture', 'Chemicals', 'Construction', 'Energy', 'Engineering', 'Machinery', 'Manufacturing', 'Retail', 'Technology', 'Transportation', 'Utilities', 'Other']),
  money('AnnualRevenue', { scale: 0 }),
  whole('NumberOfEmployees'),
  picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
  text('TickerSymbol', 20),
  longText('Description', 32000),
  picklist('Rating', ['Hot', 'Warm', 'Cold']),
  text('Site', 80),
])

const contact = standardObject('Contact', 'Contact', '003', [
  ref('AccountId', 'Account', 'Contacts', { onParentDelete: 'cascade' }),
  text('Name', 121, { ...DERIVED, nameField: true, nillable: false, components: [{ part: 'Salutation', field: 'Salutation' }, { part: 'FirstName', field: 'FirstName' }, { part: 'LastName', field: 'LastName' }] }),
  text('LastName', 80, { required: true, partOf: 'Name' }),
  text('FirstName', 40, { partOf: 'Name' }),
  picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'], { partOf: 'Name' }),
  ...address('Mailing'),
  phone('Phone'),
  phone('Fax'),
  phone('MobilePhone'),
  ref('ReportsToId', 'Contact'),
  email('Email'),
  text('Title', 128),
  text('Department', 80),
  day('Birthdate'),
  longText('Description', 32000),
])

const product2 = standardObject('Product2', 'Product', '01t', [
  name(255),
  text('ProductCode', 255),
  longText('Description', 4000),
  flag('IsActive'),
  picklist('Family', ['None']),
  text('ExternalId', 255, READ_ONLY),
  url('DisplayUrl'),
  picklist('QuantityUnitOfMeasure', ['Each']),
  text('StockKeepingUnit', 180),
], { owned: false })

const pricebook2 = standardObject('Pricebook2', 'Price Book', '01s', [
  name(255),
  flag('IsActive'),
  text('Description', 255),
  flag('IsStandard', READ_ONLY),
], { owned: false })

const pricebookEntry = standardObject('PricebookEntry', 'Price Book Entry', '01u', [
  text('Name', 255, { ...DERIVED, nameField: true }),
  ref('Pricebook2Id', 'Pricebook2', 'PricebookEntries', { required: true, updateable: false, onParentDelete: 'cascade' }),
  ref('Product2Id', 'Product2', 'PricebookEntries', { required: true, updateable: false, onParentDelete: 'restrict' }),
  money('UnitPrice', { required: true }),
  flag('IsActive'),
  flag('UseStandardPrice'),
  text('ProductCode', 255, DERIVED),
], { owned: false, plural: 'Price Book Entries' })

const opportunity = standardObject('Opportunity', 'Opportunity', '006', [
  ref('AccountId', 'Account', 'Opportunities', { onParentDelete: 'cascade' }),
  name(120),
  longText('Description', 32000),
  picklist('StageName', OPPORTUNITY_STAGES.map(stage => stage.name), { required: true }),
  money('Amount'),
  percent('Probability', { precision: 3, scale: 0 }),
  money('ExpectedRevenue', DERIVED),
  count('TotalOpportunityQuantity', 18, 2, READ_ONLY),
  day('CloseDate', { required: true }),
  picklist('Type', ['Existing Customer - Upgrade', 'Existing Customer - Replacement', 'Existing Customer - Downgrade', 'New Customer']),
  text('NextStep', 255),
  picklist('LeadSource', ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']),
  flag('IsClosed', DERIVED),
  flag('IsWon', DERIVED),
  picklist('ForecastCategory', ['Omitted', 'Pipeline', 'BestCase', 'MostLikely', 'Forecast', 'Closed'], DERIVED),
  flag('HasOpportunityLineItem', DERIVED),
  ref('Pricebook2Id', 'Pricebook2', undefined, { onParentDelete: 'restrict' }),
  ref('ContactId', 'Contact', undefined, { updateable: false }),
  ref('SyncedQuoteId', 'Quote'),
])

const opportunityLineItem = standardObject('OpportunityLineItem', 'Opportunity Product', '00k', [
  ref('OpportunityId', 'Opportunity', 'OpportunityLineItems', { required: true, updateable: false, onParentDelete: 'cascade' }),
  whole('SortOrder'),
  ref('PricebookEntryId', 'PricebookEntry', 'OpportunityLineItems', { updateable: false, onParentDelete: 'restrict' }),
  ref('Product2Id', 'Product2', undefined, { updateable: false, onParentDelete: 'restrict' }),
  text('ProductCode', 255, DERIVED),
  text('Name', 376, { ...DERIVED, nameField: true }),
  count('Quantity', 12, 2, { required: true }),
  percent('Discount'),
  money('Subtotal', DERIVED),
  money('TotalPrice'),
  money('UnitPrice'),
  money('ListPrice', DERIVED),
  day('ServiceDate'),
  text('Description', 255),
], { owned: false })

const QUOTE_STATUS = ['Draft', 'Needs Review', 'In Review', 'Approved', 'Rejected', 'Presented', 'Accepted', 'Denied']

const quote = standardObject('Quote', 'Quote', '0Q0', [
  name(255),
  ref('OpportunityId', 'Opportunity', 'Quotes', { required: true, updateable: false, onParentDelete: 'cascade' }),
  ref('Pricebook2Id', 'Pricebook2', undefined, { onParentDelete: 'restrict' }),
  ref('ContactId', 'Contact', 'Quotes'),
  autoNumber('QuoteNumber', '{00000000}'),
  flag('IsSyncing', READ_ONLY),
  money('ShippingHandling'),
  money('Tax'),
  picklist('Status', QUOTE_STATUS, { restricted: true, defaultValue: 'Draft' }),
  day('ExpirationDate'),
  longText('Description', 32000),
  money('Subtotal', DERIVED),
  money('TotalPrice', DERIVED),
  whole('LineItemCount', DERIVED),
  ...['Billing', 'Shipping', 'QuoteTo', 'Additional'].flatMap(prefix => [text(`${prefix}Name`, 255), ...address(prefix)]),
  email('Email'),
  phone('Phone'),
  phone('Fax'),
  ref('AccountId', 'Account', 'Quotes', DERIVED),
  percent('Discount', DERIVED),
  money('GrandTotal', DERIVED),
])

const quoteLineItem = standardObject('QuoteLineItem', 'Quote Line Item', '0QL', [
  autoNumber('LineNumber', '{00000000}', { nameField: true }),
  ref('QuoteId', 'Quote', 'QuoteLineItems', { required: true, updateable: false, onParentDelete: 'cascade' }),
  ref('PricebookEntryId', 'PricebookEntry', 'QuoteLineItems', { required: true, updateable: false, onParentDelete: 'restrict' }),
  count('Quantity', 12, 2, { required: true }),
  money('UnitPrice', { required: true }),
  percent('Discount'),
  text('Description', 255),
  day('ServiceDate'),
  ref('Product2Id', 'Product2', undefined, { updateable: false, onParentDelete: 'restrict' }),
  whole('SortOrder'),
  money('ListPrice', DERIVED),
  money('Subtotal', DERIVED),
  money('TotalPrice', DERIVED),
], { owned: false })

const order = standardObject('Order', 'Order', '801', [
  ref('ContractId', 'Contract', 'Orders', { onParentDelete: 'restrict' }),
  ref('AccountId', 'Account', 'Orders', { onParentDelete: 'restrict' }),
  ref('Pricebook2Id', 'Pricebook2', undefined, { onParentDelete: 'restrict' }),
  ref('OpportunityId', 'Opportunity', 'Orders'),
  ref('QuoteId', 'Quote', 'Orders'),
  day('EffectiveDate', { required: true }),
  day('EndDate'),
  flag('IsReductionOrder', { updateable: false }),
  picklist('Status', [
    { value: 'Draft', label: 'Draft', statusCode: 'Draft' },
    { value: 'Activated', label: 'Activated', statusCode: 'Activated' },
  ], { required: true, restricted: true }),
  longText('Description', 32000),
  ref('CustomerAuthorizedById', 'Contact'),
  day('PoDate'),
  text('PoNumber', 80),
  text('OrderReferenceNumber', 80),
  picklist('Type', ['New', 'Renewal', 'Change']),
  ...address('Billing'),
  ...address('Shipping'),
  text('Name', 80),
  ref('BillToContactId', 'Contact'),
  ref('ShipToContactId', 'Contact'),
  field('ActivatedDate', 'datetime', READ_ONLY),
  ref('ActivatedById', 'User', undefined, READ_ONLY),
  picklist('StatusCode', ['Draft', 'Activated'], { ...DERIVED, nillable: false }),
  autoNumber('OrderNumber', '{00000000}', { nameField: true }),
  money('TotalAmount', DERIVED),
])

const orderItem = standardObject('OrderItem', 'Order Product', '802', [
  ref('Product2Id', 'Product2', undefined, { updateable: false, onParentDelete: 'restrict' }),
  ref('OrderId', 'Order', 'OrderItems', { required: true, updateable: false, onParentDelete: 'cascade' }),
  ref('PricebookEntryId', 'PricebookEntry', 'OrderItems', { required: true, updateable: false, onParentDelete: 'restrict' }),
  ref('QuoteLineItemId', 'QuoteLineItem'),
  count('AvailableQuantity', 18, 2, DERIVED),
  count('Quantity', 18, 2, { required: true }),
  money('UnitPrice', { required: true }),
  money('ListPrice', DERIVED),
  money('TotalPrice', DERIVED),
  day('ServiceDate'),
  day('EndDate'),
  text('Description', 255),
  autoNumber('OrderItemNumber', '{0000000000}', { nameField: true }),
], { owned: false })

const contract = standardObject('Contract', 'Contract', '800', [
  ref('AccountId', 'Account', 'Contracts', { required: true, onParentDelete: 'cascade' }),
  autoNumber('ContractNumber', '{00000000}', { nameField: true }),
  day('StartDate'),
  whole('ContractTerm'),
  picklist('Status', ['Draft', 'In Approval Process', 'Activated'], { defaultValue: 'Draft' }),
  longText('Description', 32000),
])

const user = standardObject('User', 'User', '005', [
  text('Username', 80, { required: true, unique: true }),
  text('Name', 121, { ...DERIVED, nameField: true }),
  text('LastName', 80, { required: true }),
  text('FirstName', 40),
  email('Email', { required: true }),
  text('Alias', 8),
  flag('IsActive', { defaultValue: true }),
  picklist('UserType', ['Standard'], READ_ONLY),
], { owned: false, createable: false })

const organization = standardObject('Organization', 'Organization', '00D', [
  text('Name', 80, { nameField: true }),
  text('InstanceName', 5, READ_ONLY),
  flag('IsSandbox', READ_ONLY),
  field('TrialExpirationDate', 'datetime', READ_ONLY),
  text('NamespacePrefix', 15, READ_ONLY),
  picklist('OrganizationType', ['Enterprise Edition', 'Developer Edition'], READ_ONLY),
  text('DefaultLocaleSidKey', 40, READ_ONLY),
], { owned: false, createable: false })

export const STANDARD_OBJECTS: readonly ObjectDraft[] = [
  account, contact, product2, pricebook2, pricebookEntry, opportunity, opportunityLineItem, quote, quoteLineItem, order,
  orderItem, contract, user, organization,
]
