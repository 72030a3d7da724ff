// Search by any business number or name, from everywhere: what is found, grouped; Enter opens the story.
import { Kbd } from '@mantine/core'
import '@mantine/spotlight/styles.layer.css'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { searchQuery } from '../api/queries.ts'
import type { SearchHit } from '../api/types.ts'
import { JourneyState } from '../parts/badge.tsx'
import { FailureLine } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { groupsOf } from './hits.ts'
import styles from './search.module.css'

const [store, search] = createSpotlight()

const WAIT_MS = 120

export default function Search({ openings }: { openings: number }) {
  useEffect(() => {
    if (openings > 0) search.open()
  }, [openings])
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const [asked] = useDebouncedValue(query.trim(), WAIT_MS)
  const { data, error, isPlaceholderData } = useQuery({ ...searchQuery(asked), enabled: asked !== '' })
  const hits = asked === '' ? [] : (data?.hits ?? [])
  const settled = asked === query.trim() && data !== undefined && !isPlaceholderData
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      lockScroll={false}
      attributes={{ content: { 'aria-label': 'Search' } }}
      size={640}
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      transitionProps={{ duration: 100 }}
    >
      <Spotlight.Search
        placeholder="Quote, order, delivery, invoice, customer, or an id of a system"
        aria-label="Search any number or name"
        leftSection={<Icon name="search" />}
      />
      <Spotlight.ActionsList>
        {groupsOf(hits).map(({ name, hits }) => (
          <Spotlight.ActionsGroup key={name} label={name}>
            {hits.map(hit => (
              <Spotlight.Action
                key={hit.ref}
                onClick={() => void navigate({ to: '/journeys/$asked', params: { asked: hit.journey ?? hit.ref } })}
              >
                <Hit hit={hit} />
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {hits.length > 0 && (
          <Spotlight.ActionsGroup label="In the list">
            <Spotlight.Action
              onClick={() => void navigate({ to: '/journeys', search: { state: 'all', search: asked } })}
              leftSection={<Icon name="search" />}
            >
              Show all journeys with “{asked}” as a list
            </Spotlight.Action>
          </Spotlight.ActionsGroup>
        )}
        {hits.length === 0 && (
          <Spotlight.Empty>
            <Nothing query={query.trim()} error={error} settled={settled} />
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
      <Spotlight.Footer className={styles.footer}>
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> choose
        </span>
        <span>
          <Kbd size="xs">Enter</Kbd> open the story
        </span>
        <span>
          <Kbd size="xs">Esc</Kbd> close
        </span>
      </Spotlight.Footer>
    </Spotlight.Root>
  )
}

const Hit = ({ hit }: { hit: SearchHit }) => (
  <span className={styles.hit}>
    <span className={styles.title}>{hit.title}</span>
    <span className={styles.ids}>{hit.systems.map(one => `${one.system} ${one.nativeId}`).join(' · ')}</span>
    {hit.state && <JourneyState state={hit.state} />}
  </span>
)

function Nothing({ query, error, settled }: { query: string; error: unknown; settled: boolean }): ReactNode {
  if (query === '') return 'Type a number or the beginning of a name: 00000012, ACME, 90000000.'
  if (error) return <FailureLine error={error} />
  if (!settled) return 'Searching …'
  return (
    <>
      <strong>Nothing is known as “{query}”.</strong>
      <br />
      Numbers are found whole or from their beginning, names from the beginning of a word. What a system has not told
      yet cannot be found.
    </>
  )
}
