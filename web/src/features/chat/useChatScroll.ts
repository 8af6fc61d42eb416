import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import type { ChatHandle } from './chatHandle'

const nearPx = 80
const olderPx = 160

/**
 * Where the list stands: it follows the newest message while one is at the end, stays where one reads otherwise, keeps its
 * place when older messages come in above, and counts as read only what was in sight.
 */
export function useChatScroll(chat: ChatHandle) {
  const messages = useStore(chat, (snapshot) => snapshot.messages)
  const pendingCount = useStore(chat, (snapshot) => snapshot.pending.length)
  const unread = useStore(chat, (snapshot) => snapshot.unread)
  const hasOlder = useStore(chat, (snapshot) => snapshot.hasOlder)
  const loadingOlder = useStore(chat, (snapshot) => snapshot.loadingOlder)
  const box = useRef<HTMLDivElement>(null)
  const [atEnd, setAtEnd] = useState(true)
  const [unreadLine] = useState(() => chat.getSnapshot().firstUnreadSeq)
  const ended = useRef(true)
  const before = useRef({ firstSeq: 0, lastSeq: 0, pending: 0, height: 0 })

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const firstSeq = messages[0]?.seq ?? 0
    const lastSeq = messages[messages.length - 1]?.seq ?? 0
    const old = before.current
    before.current = { firstSeq, lastSeq, pending: pendingCount, height: element.scrollHeight }
    const olderCame = old.firstSeq > 0 && firstSeq < old.firstSeq
    if (olderCame) element.scrollTop += element.scrollHeight - old.height
    else if (ended.current || pendingCount > old.pending) element.scrollTop = element.scrollHeight
  }, [messages, pendingCount])

  useEffect(() => {
    const read = () => {
      if (unread > 0 && atEnd && document.visibilityState === 'visible') chat.markRead()
    }
    read()
    document.addEventListener('visibilitychange', read)
    return () => document.removeEventListener('visibilitychange', read)
  }, [chat, unread, atEnd])

  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      if (ended.current) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const onScroll = useCallback(() => {
    const element = box.current
    if (!element) return
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx
    ended.current = near
    setAtEnd(near)
    if (element.scrollTop < olderPx && hasOlder && !loadingOlder) void chat.loadOlder().catch(toast.failed)
  }, [chat, hasOlder, loadingOlder])

  const toEnd = useCallback(() => {
    const element = box.current
    if (element) element.scrollTop = element.scrollHeight
  }, [])

  return { box, atEnd, news: atEnd ? 0 : unread, unreadLine, onScroll, toEnd }
}
