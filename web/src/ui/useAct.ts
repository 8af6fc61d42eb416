import { useState } from 'react'
import { toast } from './Toast'

/** An act that takes a moment: runs it, says when it failed, and tells whether it is under way and whether it was done. */
export function useAct<A extends unknown[]>(act: (...args: A) => Promise<unknown>) {
  const [busy, setBusy] = useState(false)
  const run = async (...args: A): Promise<boolean> => {
    if (busy) return false
    setBusy(true)
    try {
      await act(...args)
      return true
    } catch (error) {
      toast.failed(error)
      return false
    } finally {
      setBusy(false)
    }
  }
  return [run, busy] as const
}
