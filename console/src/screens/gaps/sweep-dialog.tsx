// Asking for a sweep: of which system, of what, and whether it is only to be counted; what it brings about is said before.
import { Button, Checkbox, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { systemsQuery } from '../../api/queries.ts'
import type { Systems } from '../../api/types.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureLine } from '../../parts/failure.tsx'
import form from '../../parts/form.module.css'
import { LoadingText } from '../../parts/loading.tsx'
import { useSignature } from '../../parts/signature.tsx'
import { useSweep } from './asked.ts'

export function SweepDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const systems = useQuery(systemsQuery).data?.systems
  return (
    <Dialog title="Compare a system with what is held of it?" opened={opened} onClose={onClose}>
      {opened && (systems ? <SweepForm systems={systems} onClose={onClose} /> : <LoadingText what="the systems" />)}
    </Dialog>
  )
}

function SweepForm({ systems, onClose }: { systems: Systems['systems']; onClose: () => void }) {
  const signature = useSignature()
  const [system, setSystem] = useState(systems[0]?.system ?? '')
  const [object, setObject] = useState('')
  const [preview, setPreview] = useState(false)
  const sweep = useSweep()
  const objects = systems.find(one => one.system === system)?.objects ?? []
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (signature.by === '') return
    signature.remember()
    sweep.mutate({ system, preview, by: signature.by, ...(object !== '' && { object }) }, { onSuccess: onClose })
  }
  return (
    <form className={form.form} onSubmit={send}>
      <NativeSelect
        label="System"
        data={systems.map(one => one.system)}
        value={system}
        {...(!signature.asking && { 'data-autofocus': true })}
        onChange={event => {
          setSystem(event.currentTarget.value)
          setObject('')
        }}
      />
      <NativeSelect
        label="What of it"
        data={[{ value: '', label: 'All of it' }, ...objects.map(one => ({ value: one, label: one }))]}
        value={object}
        onChange={event => setObject(event.currentTarget.value)}
      />
      <Checkbox
        label="Only count what it would find"
        checked={preview}
        onChange={event => setPreview(event.currentTarget.checked)}
      />
      <ul className={form.consequences}>
        <li>All that {system} has is read page by page, behind everything that people wait for.</li>
        <li>
          {preview
            ? 'Nothing that it finds is acted upon.'
            : 'What differs, was never told or is gone is brought in like any other change: it may start journeys.'}
        </li>
      </ul>
      {signature.field}
      {sweep.error && <FailureLine error={sweep.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={sweep.isPending}>
          {preview ? 'Count' : 'Compare'}
        </Button>
      </div>
    </form>
  )
}
