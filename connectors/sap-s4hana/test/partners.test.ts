// Business partners in S/4HANA: one record of ours over what SAP keeps in four places.
import type { Fields, Native, NotWritten, ObjectSpec, Write } from '@plumbline/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type S4Api, sapS4 } from '../src/index.ts'
import { native, type System, startSystem } from './support.ts'

const partners: ObjectSpec<S4Api, Fields> = sapS4.objects.BusinessPartner as never
let system: System
let id: string
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())
beforeEach(async () => {
  await system.calm()
  const { customer } = await system.door('customers', { name: 'Acme', country: 'DE', city: 'Ulm' })
  id = customer?.BusinessPartner ?? ''
})

const read = async (): Promise<Native | undefined> => (await partners.read?.(system.api, [native(id)]))?.[0]?.fields
const writeOf = (fields: Native): Write => ({ key: 'change', id: native(id), fields, lists: {} })
async function written(fields: Native): Promise<Native | undefined> {
  const [end] = (await partners.write?.(system.api, [writeOf(fields)])) ?? []
  if (end?.end !== 'written') throw new Error(`Not written: ${JSON.stringify(end)}`)
  return end.native
}
async function notWritten(fields: Native): Promise<NotWritten> {
  const [end] = (await partners.write?.(system.api, [writeOf(fields)])) ?? []
  if (!end || end.end === 'written') throw new Error('It was written')
  return end
}

describe('a business partner', () => {
  it('is one record: its address, its tax number and the terms of our sales area', async () => {
    expect(await read()).toMatchObject({
      OrganizationBPName1: 'Acme',
      CityName: 'Ulm',
      Country: 'DE',
      StreetName: null,
      EmailAddress: null,
      VATRegistration: null,
      CustomerPaymentTerms: '0001',
    })
  })

  it('is changed in each of these places, and answers what SAP made of it', async () => {
    const made = await written({
      OrganizationBPName1: 'Acme Europe',
      StreetName: 'Am Hafen 3',
      EmailAddress: 'rechnung@acme.example',
      VATRegistration: 'de 123 456 789',
      CustomerPaymentTerms: 'NT30',
    })
    expect(made).toMatchObject({
      OrganizationBPName1: 'Acme Europe',
      StreetName: 'Am Hafen 3',
      CityName: 'Ulm',
      EmailAddress: 'rechnung@acme.example',
      VATRegistration: 'DE123456789',
      CustomerPaymentTerms: 'NT30',
    })
    expect(await read()).toEqual(made)
  })

  it('the same change sent twice brings about the same', async () => {
    const change = { StreetName: 'Am Hafen 3', EmailAddress: 'a@acme.example', VATRegistration: 'DE123456789' }
    expect(await written(change)).toEqual(await written(change))
  })

  it('a number goes under the country that is written with it; null takes it away', async () => {
    expect(await written({ Country: 'FR', VATRegistration: 'FR123' })).toMatchObject({ VATRegistration: 'FR123' })
    expect(await written({ VATRegistration: null })).toMatchObject({ VATRegistration: null })
    expect(await written({ VATRegistration: null })).toMatchObject({ VATRegistration: null })
  })

  it('an e-mail address is changed in its place, and taken away', async () => {
    await written({ EmailAddress: 'old@acme.example' })
    expect(await written({ EmailAddress: 'new@acme.example' })).toMatchObject({ EmailAddress: 'new@acme.example' })
    expect(await written({ EmailAddress: null })).toMatchObject({ EmailAddress: null })
  })

  it('says who else takes the goods, the invoice or pays, and takes it back', async () => {
    expect(await read()).toMatchObject({ ShipToParty: null, BillToParty: null, PayerParty: null })
    expect(await written({ ShipToParty: '10100001', PayerParty: '10100002' })).toMatchObject({
      ShipToParty: '10100001',
      BillToParty: null,
      PayerParty: '10100002',
    })
    expect(await written({ ShipToParty: null, PayerParty: '10100003' })).toMatchObject({
      ShipToParty: null,
      PayerParty: '10100003',
    })
    expect(await notWritten({ PayerParty: '99999999' })).toMatchObject({ reason: expect.stringContaining('99999999') })
  })

  it('what SAP refuses is refused in its words', async () => {
    expect(await notWritten({ Country: 'Germany' })).toMatchObject({
      end: 'refused',
      reason: expect.stringMatching(/Country|country|exceeds|length/),
    })
  })

  it('nothing is sent when the customer cannot be read first', async () => {
    await system.faults({ unavailable: { rate: 1, forMs: 500, match: 'GET .*A_BusinessPartner' } })
    expect(await notWritten({ StreetName: 'Nowhere 1' })).toMatchObject({ end: 'unavailable' })
    await system.calm()
    expect(await read()).toMatchObject({ StreetName: null })
  })
})
