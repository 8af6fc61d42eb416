/** Runs at once, and again after what came meanwhile, but not more often than every so many milliseconds. */
export function coalesce(run: () => void, everyMs: number): { ask: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let isAsked = false
  const rest = () => {
    timer = setTimeout(() => {
      timer = null
      if (isAsked) act()
    }, everyMs)
  }
  const act = () => {
    isAsked = false
    run()
    rest()
  }
  return {
    ask: () => {
      if (timer === null) act()
      else isAsked = true
    },
    cancel: () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      isAsked = false
    },
  }
}
