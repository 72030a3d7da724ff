// The few signs the console uses, drawn on 16 × 16. They stand beside words and are hidden from screen readers.
import type { ReactNode } from 'react'

const DRAWN = {
  search: (
    <>
      <circle cx="7" cy="7" r="4.25" />
      <path d="M10.2 10.2 14 14" />
    </>
  ),
  check: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 4.8V8l2.2 1.6" />
    </>
  ),
  warning: (
    <>
      <path d="M8 2.2 14.4 13.4H1.6z" />
      <path d="M8 6.4v3.2M8 11.5v.2" />
    </>
  ),
  stop: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="m4.2 11.8 7.6-7.6" />
    </>
  ),
  play: <path d="M5 3.2v9.6L12.6 8z" />,
  person: (
    <>
      <circle cx="8" cy="5.2" r="2.7" />
      <path d="M2.8 13.6c.6-2.8 2.6-4.1 5.2-4.1s4.6 1.3 5.2 4.1" />
    </>
  ),
  question: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M6.3 6.4C6.4 5.3 7.1 4.8 8 4.8c1 0 1.7.6 1.7 1.5 0 1.2-1.6 1.3-1.7 2.6M8 11v.2" />
    </>
  ),
  retry: (
    <>
      <path d="M13.2 8A5.2 5.2 0 1 1 11.5 4.1" />
      <path d="M11.8 1.6v2.8H9" />
    </>
  ),
  write: (
    <>
      <path d="M3 13h10" />
      <path d="M8 10.5v-8M4.8 5.6 8 2.4l3.2 3.2" />
    </>
  ),
  hear: (
    <>
      <path d="M3 13h10" />
      <path d="M8 2.4v8M4.8 7.4 8 10.6l3.2-3.2" />
    </>
  ),
  flag: <path d="M4 14V2.6h7.6L9.8 5.4l1.8 2.8H4" />,
  record: (
    <>
      <rect x="3" y="2.2" width="10" height="11.6" rx="1.4" />
      <path d="M5.6 5.6h4.8M5.6 8.2h4.8M5.6 10.8h2.6" />
    </>
  ),
  gear: (
    <>
      <circle cx="8" cy="8" r="2.2" />
      <path d="M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M3.6 12.4 5 11M11 5l1.4-1.4" />
    </>
  ),
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  next: <path d="m6 3 5 5-5 5" />,
  back: <path d="M10 3 5 8l5 5" />,
  down: <path d="m3 6 5 5 5-5" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1" />
    </>
  ),
  moon: <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" />,
  auto: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 2.25a5.75 5.75 0 0 1 0 11.5z" fill="currentColor" />
    </>
  ),
  link: (
    <path d="M6.6 9.4 9.4 6.6M7.4 4.8l1.5-1.5a2.7 2.7 0 0 1 3.8 3.8l-1.5 1.5M8.6 11.2l-1.5 1.5a2.7 2.7 0 0 1-3.8-3.8l1.5-1.5" />
  ),
  pause: <path d="M5.2 3.2v9.6M10.8 3.2v9.6" />,
  plug: (
    <>
      <path d="M5.8 1.8v3.4M10.2 1.8v3.4M3.8 5.2h8.4v1.6a4.2 4.2 0 0 1-8.4 0zM8 11v3.2" />
    </>
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof DRAWN

export const Icon = ({ name, size = 16 }: { name: IconName; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    {DRAWN[name]}
  </svg>
)
