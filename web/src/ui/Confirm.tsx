import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Button } from './Button'
import { useAct } from './useAct'

const ConfirmDialog = lazy(async () => ({ default: (await import('./antd/Dialog')).ConfirmDialog }))

interface ConfirmProps {
  title: string
  /** The act in words, such as "Cancel the meeting". */
  act: string
  onConfirm: () => Promise<unknown>
  onClose: () => void
  /** What it means. */
  children: ReactNode
}

/** Asks once before what cannot be undone. Closes when it is done; stays, and says why, when it failed. */
export function Confirm({ title, act, onConfirm, onClose, children }: ConfirmProps) {
  const [confirm, busy] = useAct(onConfirm)
  const confirmed = async () => {
    if (await confirm()) onClose()
  }
  return (
    <Suspense fallback={null}>
      <ConfirmDialog title={title} act={act} busy={busy} onConfirm={() => void confirmed()} onClose={onClose}>
        {children}
      </ConfirmDialog>
    </Suspense>
  )
}

/** The small button at the end of a row, whose act is asked about. */
export function ConfirmButton(props: Omit<ConfirmProps, 'onClose'>) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)}>
        {props.act}
      </Button>
      {asking && <Confirm {...props} onClose={() => setAsking(false)} />}
    </>
  )
}
