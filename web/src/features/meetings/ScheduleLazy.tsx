import { lazy, Suspense } from 'react'
import type { Meeting } from '@/core/api/types'

const SchedulePanel = lazy(async () => ({ default: (await import('./SchedulePanel')).SchedulePanel }))

/** The form to plan or edit a meeting; it and its date fields are loaded when they are first opened. */
export function ScheduleLazy(props: { meeting?: Meeting; onClose: () => void }) {
  return (
    <Suspense fallback={null}>
      <SchedulePanel {...props} />
    </Suspense>
  )
}
