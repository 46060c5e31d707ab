import type { ReactNode } from 'react'

const paths = {
  bolt: 'M9.5 1.500 3.500 9h3.700l-.7 5.500 6-7.500H8.800z',
  llm: 'M2.500 3.500h11v7.500h-6l-3 2.500v-2.500h-2zM5.500 7.300h.01M8 7.300h.01M10.500 7.300h.01',
  agent: 'M8 2v2M4 4.500h8v7H4zM6.300 7.500v1M9.700 7.500v1M2 8h2M12 8h2M6 14h4',
  tool: 'M13.500 4.200a3.300 3.300 0 0 1-4.400 4.100l-4.800 5.200-1.800-1.800 5.200-4.800a3.300 3.300 0 0 1 4.100-4.400L9.700 4.600l.4 1.300 1.300.4z',
  retrieval: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300l3.200 3.200',
  guard: 'M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4zM6 8l1.500 1.500L10.300 6.500',
  http: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2 2 2 10 0 12M8 2c-2 2-2 10 0 12',
  other: 'M8 4.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z',
  warning: 'M8 2.500 14.500 13.500h-13zM8 6.500v3.300M8 11.700h.01',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.300v4M8 4.800h.01',
  error: 'M4 4l8 8M12 4l-8 8',
  ok: 'M3.500 8.500l3 3 6-7',
  running: 'M8 2.500a5.500 5.500 0 1 1-5.500 5.500',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z',
  keyboard: 'M1.500 4h13v8h-13zM4 6.500h.01M6.700 6.500h.01M9.300 6.500h.01M12 6.500h.01M5 9.500h6',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300l3.200 3.200',
  close: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  back: 'M9.500 3.500 5 8l4.500 4.500',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  fold: 'M5 2.500l3 3 3-3M5 13.500l3-3 3 3M3 8h10',
  unfold: 'M5 5l3-3 3 3M5 11l3 3 3-3M3 8h10',
} as const

export type IconName = keyof typeof paths

/** One of the small set, 16 px. It says nothing to a reader of the screen: words beside it do. */
export function Icon({ name, className }: { name: IconName; className?: string }): ReactNode {
  return (
    <svg
      className={`icon${className === undefined ? '' : ` ${className}`}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
