// Owners: for each field of each contract whose it is, until when and what then, and what every system does with it.
import { Button, Select, TextInput } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useRef } from 'react'
import { getJson } from '../../api/client.ts'
import type { Owners as Matrix, OwnedContract } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Icon } from '../../parts/icons.tsx'
import { LoadingRows } from '../../parts/loading.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { useRowSteps } from '../../parts/row-steps.ts'
import { counted } from '../../words/format.ts'
import type { OwnersAddress } from './address.ts'
import { ContractPanel } from './contract-panel.tsx'
import { narrowed } from './narrow.ts'
import styles from './owners.module.css'

const route = getRouteApi('/owners')

/** It changes with the project alone: it is not asked for with every change of something. */
const ownersQuery = queryOptions({
  queryKey: ['owners'],
  queryFn: ({ signal }) => getJson<Matrix>('/api/owners', {}, signal),
  staleTime: 60_000,
  meta: { lasting: true },
})

export function Owners() {
  const asked = route.useSearch()
  const owners = useQuery(ownersQuery)
  const shown = owners.data && narrowed(owners.data, asked)
  return (
    <Page
      title="Owners"
      about={shown && says(shown)}
      actions={owners.data && owners.data.contracts.length > 0 && <Narrow of={owners.data} />}
    >
      {owners.isPending ? (
        <LoadingRows what="owners" />
      ) : owners.isError && !owners.data ? (
        <Failure error={owners.error} again={() => void owners.refetch()} />
      ) : owners.data.contracts.length === 0 ? (
        <Panel>
          <Empty title="The project has no contracts" icon="record">
            A contract says which fields a thing has, and who owns each. As soon as the project has one, it stands here.
          </Empty>
        </Panel>
      ) : shown?.length === 0 ? (
        <NothingLeft />
      ) : (
        <Contracts of={shown ?? []} />
      )}
    </Page>
  )
}

function Contracts({ of }: { of: readonly OwnedContract[] }) {
  const list = useRef<HTMLDivElement>(null)
  useRowSteps(list)
  return (
    <div ref={list} className={styles.contracts}>
      {of.map(contract => (
        <ContractPanel key={contract.contract} of={contract} />
      ))}
    </div>
  )
}

const says = (contracts: readonly OwnedContract[]): string =>
  `${counted(
    contracts.reduce((sum, one) => sum + one.fields.length, 0),
    'field',
  )} of ${counted(contracts.length, 'contract')}`

function Narrow({ of: { contracts, roles } }: { of: Matrix }) {
  const { contract, system, search } = route.useSearch()
  const navigate = route.useNavigate()
  const go = (change: { [K in keyof OwnersAddress]: string | null }): void =>
    void navigate({
      search: before => without({ ...before, ...change }),
      // Each letter of a search is no place to go back to.
      replace: 'search' in change,
    })
  return (
    <>
      <TextInput
        size="xs"
        w={220}
        type="search"
        aria-label="Find a field"
        placeholder="Find a field, here or in a system"
        leftSection={<Icon name="search" size={13} />}
        value={search ?? ''}
        onChange={event => go({ search: event.currentTarget.value })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Contract"
        placeholder="Every contract"
        clearable
        data={contracts.map(one => ({ value: one.contract, label: one.label }))}
        value={contract ?? null}
        onChange={value => go({ contract: value })}
      />
      <Select
        size="xs"
        w={150}
        aria-label="System"
        placeholder="Every system"
        clearable
        data={roles.flatMap(one => one.systems)}
        value={system ?? null}
        onChange={value => go({ system: value })}
      />
    </>
  )
}

const without = (address: Readonly<Record<string, string | null | undefined>>): OwnersAddress =>
  Object.fromEntries(Object.entries(address).filter(([, value]) => value !== null && value !== ''))

function NothingLeft() {
  const navigate = route.useNavigate()
  return (
    <Panel>
      <Empty title="No field is like this" icon="search">
        <Button size="xs" variant="default" onClick={() => void navigate({ search: {} })}>
          Show every field
        </Button>
      </Empty>
    </Panel>
  )
}
