import type { ChatMessage } from '@/core/chat/state'
import type { ParticipantView } from '@/core/meeting/state'
import type { ChatPerson } from '@/features/chat/chatHandle'

/** Who can be mentioned: members who are here, and those who wrote; each once, oneself last. */
export function mentionable(
  participants: ReadonlyArray<Pick<ParticipantView, 'userId' | 'name' | 'avatarUrl' | 'isSelf'>>,
  messages: ReadonlyArray<ChatMessage>,
): ChatPerson[] {
  const people = new Map<string, ChatPerson>()
  const add = ({ userId, name, avatarUrl }: { userId?: string; name: string; avatarUrl?: string }) => {
    if (userId && !people.has(userId)) people.set(userId, { userId, name, ...(avatarUrl && { avatarUrl }) })
  }
  for (const one of participants) if (!one.isSelf) add(one)
  const self = participants.find((one) => one.isSelf)
  for (const message of messages) if (message.author.userId !== self?.userId) add(message.author)
  if (self) add(self)
  return [...people.values()]
}
