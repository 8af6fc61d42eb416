import { useMemo } from 'react'
import { ChatView } from '@/features/chat/ChatView'
import type { ChatPerson } from '@/features/chat/chatHandle'
import { useChatStore } from './useChatStore'

interface MeetingChatProps {
  conversationId: string
  /** May recall what others wrote. */
  moderates: boolean
  people: ReadonlyArray<{ id: string; name: string; avatarUrl?: string }>
}

/** A meeting's chat outside of the meeting, before it and after. */
export function MeetingChat({ conversationId, moderates, people }: MeetingChatProps) {
  const chat = useChatStore(conversationId)
  const mentioned = useMemo(
    () =>
      people.map(
        ({ id, name, avatarUrl }): ChatPerson => ({ userId: id, name, ...(avatarUrl && { avatarUrl }) }),
      ),
    [people],
  )
  return chat && <ChatView chat={chat} moderates={moderates} people={mentioned} />
}
