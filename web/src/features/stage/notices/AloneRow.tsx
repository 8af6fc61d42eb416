import { useTranslation } from 'react-i18next'
import { copyText } from '@/ui/copy'
import { Note, NoteButton } from '@/ui/stage/Note'
import { toast } from '@/ui/Toast'
import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'

/** Who is alone is told so, with the link that brings others. */
export function AloneRow({ meetingUrl }: { meetingUrl: string }) {
  const { t } = useTranslation('stage')
  const { call } = useStage()
  const alone = useStore(
    call,
    (snapshot) =>
      snapshot.participants.filter((one) => !one.kind).length === 1 && snapshot.lobby.length === 0,
  )
  if (!alone) return null
  const copy = async () => {
    if (await copyText(meetingUrl)) toast.done(t('more.copied'))
  }
  return (
    <Note icon="people" tone="plain" title={t('notice.alone')}>
      <NoteButton strong onClick={() => void copy()}>
        {t('more.copyLink')}
      </NoteButton>
    </Note>
  )
}
