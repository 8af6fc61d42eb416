import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiError } from '@/core/api/error'
import { Icon } from '@/ui/Icon'
import { LanguageMenu } from '@/ui/LanguageMenu'
import { Logo } from '@/ui/Logo'
import { cx } from '@/ui/stage/cx'
import { IconButton } from '@/ui/stage/IconButton'
import { usePhone } from '@/ui/stage/useMedia'
import { usePageTitle } from '@/ui/usePage'
import { useStore } from '@/ui/useStore'
import { ClosedPage, FailedPage } from './ClosedPage'
import { choiceOf, guestName, rememberChoice, rememberGuestName } from './choices'
import { DeviceHelp, troubleOf } from './DeviceHelp'
import { Devices } from './Devices'
import { JoinForm } from './JoinForm'
import { MeetingFacts } from './MeetingFacts'
import styles from './PreJoin.module.css'
import { Preview } from './Preview'
import type { PreJoinMedia } from './prejoinMedia'
import { enterAsGuest, type MeetingPreview, previewQuery, standingOf } from './preview'
import { usePreJoinKeys } from './usePreJoinKeys'
import { WaitingRoom } from './WaitingRoom'

export interface PreJoinPageProps {
  code: string
  media: PreJoinMedia
  /** Absent for visitors without an account. */
  user: { id: string; name: string; avatarUrl?: string } | null
  /** ready: not asked yet; joining: on the way; waiting: in the lobby. */
  phase: 'ready' | 'joining' | 'waiting'
  /** Why the last attempt did not lead in. */
  problem: { code: string } | null
  onJoin: (name: string) => void
  /** Gives up waiting. */
  onCancel: () => void
  onHome: () => void
  signInHref: string
}

/** Everything before the stage: how one looks and sounds, what meeting it is, the way in. */
export function PreJoinPage(props: PreJoinPageProps) {
  const { code, signInHref, onHome, user } = props
  const { t } = useTranslation('prejoin')
  const preview = useQuery(previewQuery(code))
  usePageTitle(preview.data?.title || t('title'))
  const standing = preview.data && standingOf(preview.data)
  if (preview.isError && !preview.data) {
    return (
      <Frame user={user} signInHref={signInHref} onHome={onHome}>
        <FailedPage
          notFound={isApiError(preview.error, 'meetingNotFound')}
          error={preview.error}
          onRetry={() => void preview.refetch()}
          onHome={onHome}
        />
      </Frame>
    )
  }
  if (standing?.kind === 'closed' && props.phase === 'ready') {
    return (
      <Frame user={user} signInHref={signInHref} onHome={onHome}>
        <ClosedPage
          why={standing.why}
          title={preview.data?.title ?? ''}
          signInHref={signInHref}
          onHome={user ? onHome : null}
        />
      </Frame>
    )
  }
  return (
    <Frame user={user} signInHref={signInHref} onHome={onHome}>
      <Ready {...props} preview={preview.data ?? null} />
    </Frame>
  )
}

interface FrameProps {
  user: PreJoinPageProps['user']
  signInHref: string
  onHome: () => void
  children: ReactNode
}

function Frame({ user, signInHref, onHome, children }: FrameProps) {
  const { t } = useTranslation('prejoin')
  const phone = usePhone()
  return (
    <div className={cx(styles.page, phone && styles.phone)}>
      <header className={styles.top}>
        {phone ? (
          <IconButton label={t('back')} onClick={onHome}>
            <Icon name="arrow-left" />
          </IconButton>
        ) : (
          <>
            <Logo />
            <b>{t('product')}</b>
          </>
        )}
        <span className="grow" />
        <LanguageMenu />
        {!user && (
          <a className={phone ? 'btn text' : 'btn line'} href={signInHref}>
            {t('signIn')}
          </a>
        )}
      </header>
      {children}
    </div>
  )
}

function Ready(props: PreJoinPageProps & { preview: MeetingPreview | null }) {
  const { code, media, user, phase, preview, problem, onJoin, onCancel } = props
  const { t, i18n } = useTranslation('prejoin')
  const phone = usePhone()
  const [typed, setTyped] = useState<string | null>(null)
  const [nameMissing, setNameMissing] = useState(false)
  const [entering, setEntering] = useState(false)
  const [refusal, setRefusal] = useState<{ code: string } | null>(null)
  const name = user?.name ?? typed ?? preview?.guestName ?? guestName()
  const neither = useStore(
    media,
    ({ microphone, camera }) => microphone.state === 'failed' && camera.state === 'failed',
  )
  const toggle = useToggle(media)
  usePreJoinKeys(media, toggle)
  useStart(media, phase)

  const join = async (without: ReadonlyArray<DeviceKind>) => {
    if (!preview || entering || phase !== 'ready') return
    const clean = name.trim()
    if (!user && clean === '') {
      setNameMissing(true)
      return
    }
    setRefusal(null)
    setEntering(true)
    try {
      await switchOff(media, without)
      if (!user && (preview.needsName || clean !== preview.guestName))
        await enterAsGuest(code, clean, i18n.language)
      if (!user) rememberGuestName(clean)
      onJoin(clean)
    } catch (error) {
      setRefusal(isApiError(error) ? error : { code: 'internal' })
    } finally {
      setEntering(false)
    }
  }
  const standing = preview && standingOf(preview)
  return (
    <main className={styles.center}>
      <section className={styles.own} aria-label={t('devices')}>
        <Preview
          media={media}
          name={name}
          identity={user?.id ?? name}
          avatarUrl={user?.avatarUrl}
          phone={phone}
          onToggle={toggle}
        />
        <DevicesOrHelp
          media={media}
          phone={phone}
          onWithout={phase === 'waiting' ? null : () => void join(failedOf(media))}
        />
      </section>
      <section className={styles.join} aria-label={t('joinLabel')} aria-busy={!preview}>
        {preview ? <MeetingFacts preview={preview} phone={phone} /> : <FactsSkeleton />}
        {phase === 'waiting' && <WaitingRoom onCancel={onCancel} />}
        {phase !== 'waiting' && preview && standing?.kind === 'open' && (
          <JoinForm
            preview={preview}
            act={standing.act}
            name={name}
            onName={(next) => {
              setTyped(next)
              setNameMissing(false)
            }}
            nameMissing={nameMissing}
            joining={entering || phase === 'joining'}
            problem={refusal ?? problem}
            helped={neither}
            onJoin={(devices) => void join(devices ? [] : ['microphone', 'camera'])}
          />
        )}
      </section>
    </main>
  )
}

function DevicesOrHelp({
  media,
  phone,
  onWithout,
}: {
  media: PreJoinMedia
  phone: boolean
  onWithout: (() => void) | null
}) {
  const microphone = useStore(media, (local) => local.microphone)
  const camera = useStore(media, (local) => local.camera)
  const retry = useCallback(() => {
    const { microphone: mic, camera: cam } = media.getSnapshot()
    void media.start({ microphone: mic.state === 'failed', camera: cam.state === 'failed' })
  }, [media])
  if (troubleOf(microphone, camera)) {
    return <DeviceHelp microphone={microphone} camera={camera} onRetry={retry} onWithout={onWithout} />
  }
  return <Devices media={media} phone={phone} />
}

function FactsSkeleton() {
  return (
    <div className="sk" aria-hidden="true">
      <div className={styles.ghost}>
        <i />
        <i />
        <i />
      </div>
    </div>
  )
}

type DeviceKind = 'microphone' | 'camera'

function failedOf(media: PreJoinMedia): DeviceKind[] {
  const snapshot = media.getSnapshot()
  return (['microphone', 'camera'] as const).filter((kind) => snapshot[kind].state === 'failed')
}

/** Without both, the devices are let go; without one, the other stays as it is. */
async function switchOff(media: PreJoinMedia, kinds: ReadonlyArray<DeviceKind>): Promise<void> {
  if (kinds.length === 2) media.stop()
  else if (kinds[0] === 'microphone') await media.setMicrophone(false)
  else if (kinds[0] === 'camera') await media.setCamera(false)
}

/** Opens what was open the last time, once. */
function useStart(media: PreJoinMedia, phase: PreJoinPageProps['phase']) {
  useEffect(() => {
    if (phase !== 'ready') return
    const { microphone, camera } = choiceOf()
    const now = media.getSnapshot()
    if (now.microphone.state !== 'off' || now.camera.state !== 'off') return
    void media.start({ microphone, camera })
  }, [media, phase])
}

function useToggle(media: PreJoinMedia): (kind: 'microphone' | 'camera', on: boolean) => void {
  return useCallback(
    (kind, on) => {
      rememberChoice({ ...choiceOf(), [kind]: on })
      void (kind === 'microphone' ? media.setMicrophone(on) : media.setCamera(on))
    },
    [media],
  )
}
