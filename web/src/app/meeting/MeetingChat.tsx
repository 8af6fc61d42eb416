import { useEffect, useMemo, useState } from 'react'
import { ChatStore } from '@/core/chat/chatStore'
import { ChatView } from '@/features/chat/ChatView'
import type { ChatPerson } from '@/features/chat/chatHandle'

interface MeetingChatProps {
  conversationId: string
  /** May recall what others wrote. */
  moderates: boolean
  people: ReadonlyArray<{ id: string; name: string; avatarUrl?: string }>
}

/** A meeting's chat outside of the meeting, before it and after. */
export function MeetingChat({ conversationId, moderates, people }: MeetingChatProps) {
  const [chat] = useState(() => new ChatStore())
  useEffect(() => {
    chat.open(conversationId)
    return () => chat.dispose()
  }, [chat, conversationId])
  const mentioned = useMemo(
    () =>
      people.map(
        ({ id, name, avatarUrl }): ChatPerson => ({ userId: id, name, ...(avatarUrl && { avatarUrl }) }),
      ),
    [people],
  )
  return <ChatView chat={chat} moderates={moderates} people={mentioned} />
}
