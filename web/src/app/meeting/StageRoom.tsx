import { lazy, Suspense, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatStore } from '@/core/chat/chatStore'
import type { Call } from '@/core/meeting/call'
import type { LocalMediaController } from '@/core/meeting/localMedia'
import type { ParticipantView } from '@/core/meeting/state'
import { ChatPanel } from '@/features/chat/ChatPanel'
import { PeoplePanel } from '@/features/people/PeoplePanel'
import { StagePage } from '@/features/stage/StagePage'
import type { StageBoards } from '@/features/stage/stageCall'
import { Skeleton } from '@/ui/states'
import { usePageTitle } from '@/ui/usePage'
import { useStore } from '@/ui/useStore'
import { mentionable } from './mentionable'
import { useChatStore } from './useChatStore'

const BoardEditor = lazy(async () => ({
  default: (await import('@/features/board/BoardEditor')).BoardEditor,
}))
const BoardPicker = lazy(async () => ({
  default: (await import('@/features/boards/BoardPicker')).BoardPicker,
}))

interface StageRoomProps {
  call: Call
  media: LocalMediaController
  code: string
}

/** The stage with its panels; the chat is open from the start, so that its unread messages are counted. */
export function StageRoom(props: StageRoomProps) {
  const conversationId = useStore(props.call, (snapshot) => snapshot.meeting?.conversationId ?? '')
  const chat = useChatStore(conversationId)
  return chat && <Room {...props} chat={chat} />
}

function Room({ call, media, code, chat }: StageRoomProps & { chat: ChatStore }) {
  const { t } = useTranslation('chat')
  const title = useStore(call, (snapshot) => snapshot.meeting?.title)
  const mayChat = useStore(call, (snapshot) => snapshot.permissions.chat)
  const moderates = useStore(call, (snapshot) => snapshot.permissions.moderate)
  const participants = useStore(call, (snapshot) => snapshot.participants, sameNames)
  const unread = useStore(chat, (snapshot) => snapshot.unread)
  const messages = useStore(chat, (snapshot) => snapshot.messages)
  const people = useMemo(() => mentionable(participants, messages), [participants, messages])
  const meetingUrl = `${window.location.origin}/m/${code}`
  const boards = useStageBoards(call)
  usePageTitle(title)
  return (
    <StagePage
      call={call}
      devices={media}
      boards={boards}
      meetingUrl={meetingUrl}
      unread={unread}
      people={(panel) => <PeoplePanel call={call} meetingUrl={meetingUrl} {...panel} />}
      chat={(panel) => (
        <ChatPanel
          chat={chat}
          moderates={moderates}
          people={people}
          closedText={mayChat ? undefined : t('closedByHost')}
          onClose={panel.onClose}
        />
      )}
    />
  )
}

/** The editor of boards as the participant that one is, and the choice of one's own boards for members. */
function useStageBoards(call: Call): StageBoards {
  const self = useStore(call, (snapshot) => snapshot.participants.find((one) => one.isSelf), samePerson)
  return useMemo(() => {
    const { id = '', userId, name = '', avatarUrl } = self ?? {}
    const person = {
      key: userId ? (`user:${userId}` as const) : (`guest:${id}` as const),
      name,
      ...(avatarUrl && { avatarUrl }),
    }
    return {
      editor: ({ id, title }) => (
        <Suspense fallback={<Skeleton />}>
          <BoardEditor boardId={id} title={title} person={person} embedded />
        </Suspense>
      ),
      picker: userId
        ? (props) => (
            <Suspense fallback={null}>
              <BoardPicker {...props} />
            </Suspense>
          )
        : null,
    }
  }, [self])
}

function samePerson(a: ParticipantView | undefined, b: ParticipantView | undefined): boolean {
  return a?.id === b?.id && a?.name === b?.name && a?.avatarUrl === b?.avatarUrl
}

function sameNames(a: ReadonlyArray<ParticipantView>, b: ReadonlyArray<ParticipantView>): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => one.userId === b[index]?.userId && one.name === b[index]?.name)
  )
}
