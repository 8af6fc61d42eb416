import { useEffect, useRef } from 'react'
import type { PanelName } from './StagePage'
import { type Shortcut, shortcutOf } from './shortcuts'
import type { StageCall } from './stageCall'

interface ShortcutActs {
  onPanel: (panel: PanelName) => void
  onHelp: () => void
  chatShown: boolean
}

/** The keys of the stage; Space opens the microphone while it is held. */
export function useShortcuts(call: StageCall, acts: ShortcutActs): void {
  const latest = useRef(acts)
  useEffect(() => {
    latest.current = acts
  })
  useEffect(() => {
    let talking = false
    const down = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event)
      if (!shortcut || event.defaultPrevented) return
      event.preventDefault()
      if (shortcut !== 'talk') return act(shortcut, call, latest.current)
      if (talking || !mayTalk(call)) return
      talking = true
      call.setMicrophone(true)
    }
    const up = (event: KeyboardEvent) => {
      if (event.code === 'Space') silence()
    }
    const silence = () => {
      if (!talking) return
      talking = false
      call.setMicrophone(false)
    }
    window.addEventListener('keydown', down)
    window.addEventListener('keyup', up)
    window.addEventListener('blur', silence)
    return () => {
      silence()
      window.removeEventListener('keydown', down)
      window.removeEventListener('keyup', up)
      window.removeEventListener('blur', silence)
    }
  }, [call])
}

function mayTalk(call: StageCall): boolean {
  const { local, permissions } = call.getSnapshot()
  return (
    permissions.publishMicrophone && (local.microphone.state === 'muted' || local.microphone.state === 'off')
  )
}

function act(shortcut: Exclude<Shortcut, 'talk'>, call: StageCall, acts: ShortcutActs): void {
  const { permissions, local, hands, self } = call.getSnapshot()
  switch (shortcut) {
    case 'microphone':
      if (permissions.publishMicrophone) call.toggleMicrophone()
      break
    case 'camera':
      if (permissions.publishCamera) call.toggleCamera()
      break
    case 'share':
      if (local.sharing) call.stopShare()
      else if (permissions.share && local.canShare) void call.startShare({ hint: 'auto', audio: true })
      break
    case 'hand':
      call.raiseHand(!hands.some((hand) => hand.participantId === self))
      break
    case 'chat':
      if (acts.chatShown) acts.onPanel('chat')
      break
    case 'people':
      acts.onPanel('people')
      break
    case 'help':
      acts.onHelp()
      break
  }
}
