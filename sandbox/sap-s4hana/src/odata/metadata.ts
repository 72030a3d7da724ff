// $metadata: the EDMX document of a service, and its service document.
import type { EntityType, Kind, Property } from './model.ts'
import { type EntitySet, navigationNames, navigationOf, type Service } from './service.ts'

const EDM: Readonly<Record<Kind, string>> = {
  text: 'Edm.String',
  decimal: 'Edm.Decimal',
  date: 'Edm.DateTime',
  instant: 'Edm.DateTimeOffset',
  time: 'Edm.Time',
  flag: 'Edm.Boolean',
  integer: 'Edm.Int32',
}

export function edmxOf(service: Service): string {
  const sets = [...service.sets.values()]
  const associations = sets.flatMap(set => associationsOf(service, set))
  const functions = [...service.operations.values()].map(operation => {
    const target = `${service.name}.${operation.returns}Type`
    const parameters = operation.parameters.map(name => `<Parameter Name="${name}" Type="Edm.String" Mode="In"/>`)
    const returned = operation.many ? `Collection(${target})` : target
    return `<FunctionImport Name="${operation.name}" ReturnType="${returned}" EntitySet="${operation.returns}" m:HttpMethod="${operation.method}">${parameters.join('')}</FunctionImport>`
  })
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">',
    '<edmx:DataServices m:DataServiceVersion="2.0">',
    `<Schema Namespace="${service.name}" xml:lang="en" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">`,
    ...sets.map(set => entityTypeXml(service, set)),
    ...associations.map(each => associationXml(service, each)),
    `<EntityContainer Name="${service.name}_Entities" m:IsDefaultEntityContainer="true" sap:supported-formats="atom json xlsx">`,
    ...sets.map(set => setXml(service, set)),
    ...associations.map(each => associationSetXml(service, each)),
    ...functions,
    '</EntityContainer>',
    '</Schema></edmx:DataServices></edmx:Edmx>',
  ].join('\n')
}

interface Association {
  readonly name: string
  readonly from: EntitySet
  readonly to: EntitySet
  readonly many: boolean
}

const associationsOf = (service: Service, from: EntitySet): Association[] =>
  navigationNames(service, from).flatMap(name => {
    const navigation = navigationOf(service, from, name)
    return navigation ? [{ name: `assoc_${from.name}_${name}`, from, to: navigation.set, many: navigation.many }] : []
  })

const entityTypeXml = (service: Service, set: EntitySet): string =>
  [
    `<EntityType Name="${set.name}Type" sap:content-version="1">`,
    `<Key>${set.type.keys.map(key => `<PropertyRef Name="${key}"/>`).join('')}</Key>`,
    ...Object.entries(set.type.properties)
      .filter(([, property]) => !property.hidden)
      .map(([name, property]) => propertyXml(set.type, name, property)),
    ...navigationNames(service, set).map(
      name =>
        `<NavigationProperty Name="${name}" Relationship="${service.name}.assoc_${set.name}_${name}" FromRole="FromRole_${name}" ToRole="ToRole_${name}"/>`,
    ),
    '</EntityType>',
  ].join('\n')

function propertyXml(type: EntityType, name: string, property: Property): string {
  const facets = [
    property.maxLength === undefined ? '' : ` MaxLength="${property.maxLength}"`,
    property.kind === 'decimal' ? ` Precision="${property.precision}" Scale="${property.scale}"` : '',
    property.kind === 'date' || property.kind === 'instant' ? ' Precision="0"' : '',
    property.kind === 'date' ? ' sap:display-format="Date"' : '',
    type.keys.includes(name) ? ' Nullable="false"' : '',
    type.etag === name ? ' ConcurrencyMode="Fixed"' : '',
    property.writable === 'no' ? ' sap:creatable="false"' : '',
    property.writable === 'always' ? '' : ' sap:updatable="false"',
  ]
  return `<Property Name="${name}" Type="${EDM[property.kind]}"${facets.join('')}/>`
}

const associationXml = (service: Service, { name, from, to, many }: Association): string => {
  const role = name.slice(`assoc_${from.name}_`.length)
  return `<Association Name="${name}" sap:content-version="1"><End Type="${service.name}.${from.name}Type" Multiplicity="1" Role="FromRole_${role}"/><End Type="${service.name}.${to.name}Type" Multiplicity="${many ? '*' : '0..1'}" Role="ToRole_${role}"/></Association>`
}

const associationSetXml = (service: Service, { name, from, to }: Association): string => {
  const role = name.slice(`assoc_${from.name}_`.length)
  return `<AssociationSet Name="${name}_set" Association="${service.name}.${name}"><End EntitySet="${from.name}" Role="FromRole_${role}"/><End EntitySet="${to.name}" Role="ToRole_${role}"/></AssociationSet>`
}

const setXml = (service: Service, set: EntitySet): string =>
  `<EntitySet Name="${set.name}" EntityType="${service.name}.${set.name}Type" sap:creatable="${Boolean(set.create)}" sap:updatable="${Boolean(set.update)}" sap:deletable="${Boolean(set.remove)}"/>`

export const serviceDocument = (service: Service) => JSON.stringify({ d: { EntitySets: [...service.sets.keys()] } })

export const serviceDocumentXml = (service: Service, root: string) =>
  `<?xml version="1.0" encoding="utf-8"?><app:service xml:base="${root}/" xmlns:app="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"><app:workspace><atom:title type="text">Data</atom:title>${[...service.sets.keys()].map(name => `<app:collection href="${name}"><atom:title type="text">${name}</atom:title></app:collection>`).join('')}</app:workspace></app:service>`
