// What the org says about its objects: the list, and the full description of one.
import type { Org } from '../org.ts'
import type { Field, ObjectType } from '../schema.ts'

const SOAP_TYPES: Readonly<Record<string, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  currency: 'xsd:double',
  double: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
}

export function describeGlobal(org: Org, version: string): unknown {
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects: org.schema.objects.map(type => summary(type, version)) }
}

function summary(type: ObjectType, version: string): Record<string, unknown> {
  const url = `/services/data/v${version}/sobjects/${type.name}`
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: type.createable,
    custom: type.custom,
    customSetting: false,
    deepCloneable: false,
    deletable: type.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: type.keyPrefix,
    label: type.label,
    labelPlural: type.labelPlural,
    layoutable: true,
    mergeable: false,
    mruEnabled: true,
    name: type.name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: type.deletable,
    updateable: type.updateable,
    urls: { rowTemplate: `${url}/{ID}`, describe: `${url}/describe`, sobject: url },
  }
}

export function describeObject(org: Org, type: ObjectType, version: string): unknown {
  const children = org.schema.childrenOf(type)
  return {
    ...summary(type, version),
    actionOverrides: [],
    childRelationships: children.map(({ child, field, name }) => ({
      cascadeDelete: field.onParentDelete === 'cascade',
      childSObject: child.name,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: name ?? null,
      restrictedDelete: field.onParentDelete === 'restrict',
    })),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: type.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [
      {
        active: true,
        available: true,
        defaultRecordTypeMapping: true,
        developerName: 'Master',
        master: true,
        name: 'Master',
        recordTypeId: '012000000000000AAA',
        urls: {},
      },
    ],
    searchLayoutable: true,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${type.labelPlural}`, name: 'everything' }],
  }
}

function describeField(field: Field): Record<string, unknown> {
  const isText = [
    'string',
    'textarea',
    'picklist',
    'email',
    'phone',
    'url',
    'id',
    'reference',
    'multipicklist',
  ].includes(field.type)
  const filterable = !field.longText && field.type !== 'address'
  return {
    aggregatable: filterable,
    aiPredictionField: false,
    autoNumber: field.autoNumber !== undefined,
    byteLength: isText ? field.length * 3 : 0,
    calculated: field.calculated,
    calculatedFormula: null,
    cascadeDelete: field.onParentDelete === 'cascade' && field.referenceTo !== undefined,
    caseSensitive: field.caseSensitive,
    compoundFieldName: field.partOf ?? null,
    controllerName: null,
    createable: field.createable,
    custom: field.custom,
    defaultValue: field.defaultValue ?? null,
    defaultValueFormula: null,
    defaultedOnCreate:
      field.defaultValue !== undefined || field.autoNumber !== undefined || field.name === 'OwnerId' || isAudit(field),
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: field.longText ? 'plaintextarea' : null,
    filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: filterable && !['currency', 'double', 'percent', 'datetime'].includes(field.type),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.type === 'id' || field.externalId || field.nameField,
    inlineHelpText: null,
    label: field.label,
    length: isText ? field.length : 0,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: false,
    nillable: field.nillable,
    permissionable: !field.required,
    picklistValues: field.picklist.map(({ value, label, isDefault }) => ({
      active: true,
      defaultValue: isDefault === true || value === field.defaultValue,
      label,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: false,
    precision: field.type === 'int' ? 0 : field.precision,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: field.referenceTo ? [field.referenceTo] : [],
    relationshipName: field.relationshipName ?? null,
    relationshipOrder: null,
    restrictedDelete: field.onParentDelete === 'restrict' && field.referenceTo !== undefined,
    restrictedPicklist: field.restricted,
    scale: field.scale,
    searchPrefilterable: field.referenceTo !== undefined,
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    sortable: filterable,
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  }
}

function isAudit(field: Field): boolean {
  return [
    'Id',
    'IsDeleted',
    'CreatedDate',
    'CreatedById',
    'LastModifiedDate',
    'LastModifiedById',
    'SystemModstamp',
  ].includes(field.name)
}
