// Where the systems are and how we get in. The defaults are the local sandboxes of `npm start`; each has its environment variable.
const from = (name: string, otherwise: string): string => process.env[name] ?? otherwise

/** How far a line of a quote may be from the ERP's price: a share of it, or an amount where that is more. */
export const priceTolerance = {
  percent: from('PRICE_TOLERANCE_PERCENT', '1'),
  amount: from('PRICE_TOLERANCE_AMOUNT', '0.05'),
}

export const settings = {
  salesforce: {
    loginUrl: from('SALESFORCE_URL', 'http://localhost:4601'),
    clientId: from('SALESFORCE_CLIENT_ID', 'sandbox-admin'),
    clientSecret: from('SALESFORCE_CLIENT_SECRET', 'sandbox-admin-secret'),
    pubsub: from('SALESFORCE_PUBSUB', 'localhost:4602'),
    /** 'system': certificates are checked; 'self-signed': the sandbox's own is accepted, on loopback only. */
    pubsubTls: from('SALESFORCE_PUBSUB_TLS', 'self-signed'),
    channel: from('SALESFORCE_CHANNEL', '/data/ChangeEvents'),
    /** How we sign our calls, so that our own echoes are known. */
    client: 'plumbline',
    currency: 'EUR',
    /** 'one': every amount is in the currency above; 'several': each record's are in its own. */
    currencies: from('SALESFORCE_CURRENCIES', 'one'),
    apiVersion: '67.0',
  },
  s4: {
    url: from('S4_URL', 'http://localhost:4603'),
    user: from('S4_USER', 'sandbox'),
    password: from('S4_PASSWORD', 'sandbox'),
    /** Which field carries the key by which a create is found again. */
    keyField: 'PurchaseOrderByCustomer',
    /** Sales area of the questions, "organisation/channel/division", and the plant whose stock they ask for. */
    salesArea: '1010/10/00',
    plant: from('S4_PLANT', '1010'),
    /** How often the change feed is polled, and how far each poll looks back for late commits, in milliseconds. */
    pollEvery: from('S4_POLL_MS', '250'),
    overlap: from('S4_OVERLAP_MS', '30000'),
  },
  us: {
    /** Empty: there is no American company, and nothing is booked for it. */
    url: from('TRYTON_URL', ''),
    database: from('TRYTON_DATABASE', 'tryton'),
    user: from('TRYTON_USER', 'integration'),
    password: from('TRYTON_PASSWORD', ''),
    /** The code of the warehouse that sells. */
    warehouse: from('TRYTON_WAREHOUSE', 'WH'),
    pollEvery: from('TRYTON_POLL_MS', '2000'),
  },
  consents: {
    url: from('CONSENT_URL', 'http://localhost:4604'),
    key: from('CONSENT_KEY', 'sandbox-consent-key'),
    /** How often the change feed is asked, in milliseconds. */
    pollEvery: from('CONSENT_POLL_MS', '500'),
  },
}
