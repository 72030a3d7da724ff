"""Seeds a fresh database of Tryton 6.0 through proteus, in its own process: a company, its books, products, stock, price
lists and customers, and the users.

    seed.py DATABASE CONFIGURATION PASSWORD
"""
import datetime, sys
from decimal import Decimal
from proteus import config as pconfig, Model, Wizard

DB, CONFIGURATION, PASSWORD = sys.argv[1:4]
D = Decimal
today = datetime.date.today()
config = pconfig.set_trytond(DB, user='admin', config_file=CONFIGURATION)

def create_company(party, currency):
    w = Wizard('company.company.config')
    w.execute('company')
    w.form.party, w.form.currency = party, currency
    w.execute('add')
    config._context = Model.get('res.user').get_preferences(True, {})
    return Model.get('company.company').find()[0]

def create_chart(company):
    data, = Model.get('ir.model.data').find(
        [('module', '=', 'account'), ('fs_id', '=', 'account_template_root_en')])
    w = Wizard('account.create_chart')
    w.execute('account')
    w.form.account_template = Model.get('account.account.template')(data.db_id)
    w.form.company = company
    w.execute('create_account')
    Account = Model.get('account.account')
    acc = {t: Account.find([('type.' + t, '=', True), ('company', '=', company.id)], limit=1)[0]
        for t in ('receivable', 'payable', 'revenue', 'expense')}
    acc['cash'], = Account.find([('name', '=', 'Main Cash')])
    acc['tax'], = Account.find([('name', '=', 'Main Tax')])
    w.form.account_receivable, w.form.account_payable = acc['receivable'], acc['payable']
    w.execute('create_properties')
    return acc

def create_fiscalyear(company, year):
    Sequence, Strict = Model.get('ir.sequence'), Model.get('ir.sequence.strict')
    SType = Model.get('ir.sequence.type')
    fy = Model.get('account.fiscalyear')(name=str(year), company=company)
    fy.start_date, fy.end_date = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    s = Sequence(name='Move %d' % year, company=company,
        sequence_type=SType.find([('name', '=', 'Account Move')])[0])
    s.save()
    fy.post_move_sequence = s
    i = Strict(name='Invoice %d' % year, company=company,
        sequence_type=SType.find([('name', '=', 'Invoice')])[0])
    i.save()
    seq, = fy.invoice_sequences
    seq.out_invoice_sequence = seq.in_invoice_sequence = i
    seq.out_credit_note_sequence = seq.in_credit_note_sequence = i
    fy.save()
    fy.click('create_period')
    return fy

def currency(code, name, symbol, rate):
    c = Model.get('currency.currency')(name=name, symbol=symbol, code=code, rounding=D('0.01'))
    c.save()
    Model.get('currency.currency.rate')(date=datetime.date(2000, 1, 1), rate=D(rate), currency=c).save()
    return c


# -- company, currency ------------------------------------------------------
Party = Model.get('party.party')
Country = Model.get('country.country')
us = Country(name='United States', code='US', code3='USA', code_numeric='840'); us.save()
Country(name='Germany', code='DE', code3='DEU', code_numeric='276').save()
usd = currency('USD', 'US Dollar', '$', '1')
eur = currency('EUR', 'Euro', '€', '0.9')
cp = Party(name='Acme ERP Inc.'); cp.save()
company = create_company(cp, usd)

# -- chart, fiscal years (this one and next: a test may straddle new year) ----
acc = create_chart(company)
for y in (today.year, today.year + 1):
    create_fiscalyear(company, y)

Account = Model.get('account.account')
Journal = Model.get('account.journal')
cash_journal, = Journal.find([('type', '=', 'cash')])
PaymentMethod = Model.get('account.invoice.payment.method')
pm = PaymentMethod(name='Bank transfer', journal=cash_journal,
    credit_account=acc['cash'], debit_account=acc['cash'])
pm.save()

tax = Model.get('account.tax')(name='Sales tax 10%', description='Sales tax 10%',
    type='percentage', rate=D('.10'), invoice_account=acc['tax'], credit_note_account=acc['tax'])
tax.save()

# -- payment terms -------------------------------------------------------------
PaymentTerm = Model.get('account.invoice.payment_term')
net30 = PaymentTerm(name='Net 30')
l = net30.lines.new(type='remainder'); l.relativedeltas.new(days=30)
net30.save()
due = PaymentTerm(name='Due on receipt'); due.lines.new(type='remainder'); due.save()

# -- products --------------------------------------------------------------------
Uom = Model.get('product.uom')
unit, = Uom.find([('name', '=', 'Unit')])
hour, = Uom.find([('name', '=', 'Hour')])
Category = Model.get('product.category')
cat = Category(name='Goods', accounting=True, account_expense=acc['expense'],
    account_revenue=acc['revenue'])
cat.customer_taxes.append(tax); cat.save()
catn = Category(name='Services (untaxed)', accounting=True, account_expense=acc['expense'],
    account_revenue=acc['revenue'])
catn.save()

Template = Model.get('product.template')
def product(code, name, price, cost, type_='goods', uom=unit, category=cat):
    # Without a category a product has no accounts: a sale of it is confirmed and cannot be processed.
    t = Template(name=name, default_uom=uom, type=type_, salable=True,
        list_price=D(price), account_category=category)
    t.code = code
    p, = t.products
    p.cost_price = D(cost)
    t.save()
    return t.products[0]
P = {
    'WID-100': product('WID-100', 'Widget 100', '100.00', '60'),
    'WID-200': product('WID-200', 'Widget 200', '250.00', '140'),
    'GAD-300': product('GAD-300', 'Gadget 300', '19.99', '8'),
    'PUMP-20': product('PUMP-20', 'Booster pump, 2 hp', '845.00', '510'),
    'FILT-7': product('FILT-7', 'Filter cartridge', '38.50', '12'),
    'RARE-1': product('RARE-1', 'Scarce part', '999.00', '500'),
    'SVC-INST': product('SVC-INST', 'Installation', '120.00', '50', 'service', hour, catn),
    'NO-ACCOUNT': product('NO-ACCOUNT', 'Without accounts', '5.00', '1', category=None),
}

# -- warehouses and stock --------------------------------------------------------
Location = Model.get('stock.location')
wh1, = Location.find([('code', '=', 'WH')])
wh1.name = 'Main warehouse'; wh1.save()
def loc(name, code, type_='storage', parent=None):
    x = Location(name=name, code=code, type=type_)
    if parent: x.parent = parent
    x.save(); return x
i2, s2, o2 = loc('West input', 'WIN'), loc('West storage', 'WSTO'), loc('West output', 'WOUT')
wh2 = Location(name='West warehouse', code='WH2', type='warehouse',
    input_location=i2, storage_location=s2, output_location=o2,
    lost_found_location=Location.find([('type', '=', 'lost_found')])[0])
wh2.save()
storage1, = Location.find([('code', '=', 'STO')])
Inventory = Model.get('stock.inventory')
BIG = 10_000_000
def stock(location, quantities):
    inv = Inventory(location=location, date=today)
    for code, q in quantities.items():
        inv.lines.new(product=P[code], quantity=float(q))
    inv.save(); inv.click('confirm')
stock(storage1, {'WID-100': BIG, 'WID-200': 500, 'GAD-300': BIG, 'PUMP-20': BIG, 'FILT-7': BIG, 'RARE-1': 3})
stock(s2, {'WID-100': 40, 'WID-200': 7})

# -- price lists (FIRST matching line wins: order lines most specific / highest qty first) ---
PriceList = Model.get('product.price_list')
gold = PriceList(name='Gold')
def pl_line(plist, formula, product=None, qty=None):
    n = plist.lines.new(formula=formula)
    if product: n.product = product
    if qty is not None: n.quantity = float(qty)
pl_line(gold, '79.50', P['WID-100'], 100)
pl_line(gold, 'list_price * 0.85', P['WID-100'], 10)
pl_line(gold, 'list_price * 0.90')
gold.save()
std = PriceList(name='Standard'); pl_line(std, 'list_price'); std.save()
SaleConf = Model.get('sale.configuration')
sc = SaleConf(1)
sc.sale_price_list = std
sc.sale_invoice_method = 'order'       # or 'shipment': invoice only what shipped
sc.sale_shipment_method = 'order'
sc.save()

# -- customers ---------------------------------------------------------------------
def customer(name, code, limit, plist, term, street='1 Market St', city='San Francisco', postal_code='94105'):
    p = Party(name=name)
    p.code = code
    a, = p.addresses
    a.street = street; a.city = city; a.postal_code = postal_code; a.country = us
    p.contact_mechanisms.new(type='email', value='ap@%s.test' % code.lower())
    p.customer_payment_term = term
    p.sale_price_list = plist
    p.credit_limit_amount = D(limit) if limit is not None else None
    p.save()
    return p
# Those of the example, which sales has too (cli/src/start/sales.ts).
customer('Redwood Pumps Inc.', 'US-1001', '250000.00', gold, net30, '200 Harbor Blvd', 'Eureka', '95501')
customer('Lone Star Water LLC', 'US-1002', None, std, due, '14 Mesa Rd', 'Austin', '78701')
customer('Small Creek Farm', 'US-1003', '2000.00', std, due, '9 Creek Ln', 'Salem', '97301')
# Those of tests.
customer('Gold Corp', 'CUST-GOLD', '100000.00', gold, net30)
customer('Standard Ltd', 'CUST-STD', '5000.00', std, due)
customer('Unlimited SA', 'CUST-NOLIM', None, gold, net30)
for i in range(1, 5):        # for those who order at once
    customer('Bench %d' % i, 'CUST-B%d' % i, None, gold, net30)

# -- users: the first for whoever integrates, not in the group that may exceed a credit limit; the second is ----------
User = Model.get('res.user')
Group = Model.get('res.group')
wanted = ['Sales', 'Sales Administrator', 'Stock', 'Stock Administration', 'Account', 'Account Administration',
    'Product Administration', 'Party Administration', 'Stock Force Assignment']
def user(login, groups):
    u = User(name=login.capitalize(), login=login, password=PASSWORD, email='%s@example.test' % login)
    for g in Group.find([('name', 'in', groups)]):
        u.groups.append(g)
    # Proteus lets a record be in one list: each user has a company object of its own.
    u.companies.append(Model.get('company.company')(company.id))
    u.company = company
    u.save()
user('integration', wanted)
user('manager', wanted + ['Account Credit Limit'])
