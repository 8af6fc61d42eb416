import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { Store } from '@/core/store'

/**
 * Reads a part of a store and draws again when that part changes. `equal` compares two selections, so that a
 * selector may build a new object or list.
 */
export function useStore<T>(store: Store<T>): T
export function useStore<T, S>(
  store: Store<T>,
  selector: (snapshot: T) => S,
  equal?: (a: S, b: S) => boolean,
): S
export function useStore<T, S>(
  store: Store<T>,
  selector: (snapshot: T) => S = (snapshot) => snapshot as unknown as S,
  equal: (a: S, b: S) => boolean = Object.is,
): S {
  const last = useRef<{ selection: S } | null>(null)
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store])
  const read = () => {
    const selection = selector(store.getSnapshot())
    if (last.current && equal(last.current.selection, selection)) return last.current.selection
    last.current = { selection }
    return selection
  }
  return useSyncExternalStore(subscribe, read, read)
}
