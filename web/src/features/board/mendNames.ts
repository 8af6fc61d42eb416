/** Gives the editor's controls the names for screen readers that it leaves out; the result stops that. */
export function mendNames(container: HTMLElement, menuName: string): () => void {
  const mend = () => {
    for (const trigger of container.querySelectorAll('.main-menu-trigger:not([aria-label])'))
      trigger.setAttribute('aria-label', menuName)
    // Its text is the zoom, which its label would keep from being read; the title says what it does.
    for (const zoom of container.querySelectorAll('.reset-zoom-button[aria-label]'))
      zoom.removeAttribute('aria-label')
    // No dialog, but a row of colours; its name stands before it.
    for (const colours of container.querySelectorAll('.color-picker-container[role=dialog]')) {
      colours.setAttribute('role', 'group')
      colours.removeAttribute('aria-modal')
      colours.setAttribute('aria-label', colours.parentElement?.previousElementSibling?.textContent ?? '')
    }
  }
  mend()
  const observer = new MutationObserver(mend)
  observer.observe(container, { childList: true, subtree: true })
  return () => observer.disconnect()
}
