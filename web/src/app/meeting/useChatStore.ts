import { useEffect, useState } from 'react'
import { ChatStore } from '@/core/chat/chatStore'

/** The store of a conversation, open as long as the component is there; null before the first draw is done. */
export function useChatStore(conversationId: string): ChatStore | null {
  const [chat, setChat] = useState<ChatStore | null>(null)
  useEffect(() => {
    if (conversationId === '') return
    const store = new ChatStore()
    store.open(conversationId)
    setChat(store)
    return () => {
      setChat(null)
      store.dispose()
    }
  }, [conversationId])
  return chat
}
