// What the address of the tasks says: which list, of which desk, and the question that the reader looks at.

export type TasksAddress = {
  readonly list?: 'answered'
  readonly desk?: string
  readonly task?: string
}

export function tasksAddress(asked: Record<string, unknown>): TasksAddress {
  const [desk, task] = [text(asked.desk), text(asked.task)]
  return {
    ...(asked.list === 'answered' && { list: 'answered' }),
    ...(desk !== undefined && { desk }),
    ...(task !== undefined && { task }),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
