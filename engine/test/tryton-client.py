"""Somebody at Tryton's own Python client (proteus), over the network: reads one order a line as JSON, does it, and answers a line.

    tryton-client.py ADDRESS USER PASSWORD        http://127.0.0.1:8069/database/
"""
import base64, datetime, json, sys, xmlrpc.client
from decimal import Decimal
from proteus import config, Model, Wizard

address, user, password = sys.argv[1:4]
# With a session: a password in the address would be checked anew for each of its many calls, which takes long on purpose.
number, key = xmlrpc.client.ServerProxy(address).common.db.login(user, {'password': password}, 'en')
session = base64.b64encode(('%s:%s:%s' % (user, number, key)).encode()).decode()
config.set_xmlrpc(address, headers=[('Authorization', 'Session ' + session)])
Party, Product, Sale, Line = (
    Model.get(name) for name in ('party.party', 'product.product', 'sale.sale', 'sale.line'))
Shipment, Invoice = Model.get('stock.shipment.out'), Model.get('account.invoice')
Method, Location = Model.get('account.invoice.payment.method'), Model.get('stock.location')


def sale_of(reference):
    sale, = Sale.find([('reference', '=', reference), ('state', '!=', 'cancelled')])
    return sale


def told(sale):
    return {
        'number': sale.number, 'state': sale.state, 'party': sale.party.code,
        'net': str(sale.untaxed_amount), 'tax': str(sale.tax_amount), 'gross': str(sale.total_amount),
        'lines': [[line.product.code, line.quantity, str(line.unit_price), str(line.amount)] for line in sale.lines]}


def find(reference):
    return [told(sale) for sale in Sale.find([('reference', '=', reference)])]


def ship(reference):
    for shipment in sale_of(reference).shipments:
        if not shipment.click('assign_try'):
            raise ValueError('Not all of it is in stock')
        for step in ('pick', 'pack', 'done'):
            shipment.click(step)
    return [shipment.number for shipment in sale_of(reference).shipments]


def invoice(reference):
    for draft in sale_of(reference).invoices:
        draft.click('post')
    return [posted.number for posted in sale_of(reference).invoices]


def pay(reference, amount=None):
    owed, = sale_of(reference).invoices
    paying = Wizard('account.invoice.pay', [owed])
    paying.form.payment_method, = Method.find()
    paying.form.date = datetime.date.today()
    # Its own proposal counts only what is due today.
    paying.form.amount = owed.amount_to_pay if amount is None else Decimal(amount)
    paying.execute('choice')
    if paying.form_state == 'ask':
        paying.form.type = 'partial'
        paying.execute('pay')
    owed.reload()
    return {'state': owed.state, 'open': str(owed.amount_to_pay)}


def sell(customer, lines):
    """A quotation as the client makes it, with the price that it fills in."""
    party, = Party.find([('code', '=', customer)])
    sale = Sale(party=party)
    sale.warehouse, = Location.find([('code', '=', 'WH')])
    for code, quantity in lines:
        line = sale.lines.new()
        line.product, = Product.find([('code', '=', code)])
        line.quantity = quantity
    sale.click('quote')
    return told(sale)


orders = {'find': find, 'ship': ship, 'invoice': invoice, 'pay': pay, 'sell': sell}
for order in sys.stdin:
    name, *given = json.loads(order)
    try:
        answer = {'done': orders[name](*given)}
    except Exception as error:
        answer = {'failed': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
