import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CallSnapshot } from '@/core/meeting/state'
import { useStage } from '../stageCall'

interface Seen {
  people: Map<string, string>
  hands: Set<string>
  lobby: Set<string>
}

/** Says joins, leaves, raised hands and the lobby to screen readers, politely. */
export function Announcer() {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const [text, setText] = useState('')
  const seen = useRef<Seen>(seenOf(call.getSnapshot()))
  useEffect(() => {
    const listen = () => {
      const snapshot = call.getSnapshot()
      if (snapshot.call.phase !== 'joined') return
      const now = seenOf(snapshot)
      const before = seen.current
      seen.current = now
      const news = [
        ...[...now.people]
          .filter(([id]) => !before.people.has(id))
          .map(([, name]) => t('say.joined', { name })),
        ...[...before.people]
          .filter(([id]) => !now.people.has(id))
          .map(([, name]) => t('say.left', { name })),
        ...[...now.hands]
          .filter((id) => !before.hands.has(id) && id !== snapshot.self)
          .map((id) => t('say.hand', { name: now.people.get(id) ?? '' })),
        ...snapshot.lobby
          .filter((one) => !before.lobby.has(one.id))
          .map((one) => t('say.lobby', { name: one.name })),
      ]
      if (news.length > 0) setText(news.slice(0, 4).join(' '))
    }
    return call.subscribe(listen)
  }, [call, t])
  return (
    <p className="sr" aria-live="polite">
      {text}
    </p>
  )
}

function seenOf(snapshot: CallSnapshot): Seen {
  return {
    people: new Map(snapshot.participants.map((one) => [one.id, one.name])),
    hands: new Set(snapshot.hands.map((hand) => hand.participantId)),
    lobby: new Set(snapshot.lobby.map((one) => one.id)),
  }
}
