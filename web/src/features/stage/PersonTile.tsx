import { type CSSProperties, type ReactNode, useCallback } from 'react'
import type { CallSnapshot, ParticipantView } from '@/core/meeting/state'
import { Tile } from '@/ui/stage/Tile'
import { useStore } from '@/ui/useStore'
import { useStage } from './stageCall'

interface PersonTileProps {
  participantId: string
  size?: 'small' | 'normal' | 'large'
  style?: CSSProperties
  pinnedId: string | null
  onPin: (participantId: string | null) => void
  actions?: (participant: ParticipantView) => ReactNode
}

/** A participant's tile, drawn from the call. It draws again only when something of this participant changed. */
export function PersonTile({ participantId, size, style, pinnedId, onPin, actions }: PersonTileProps) {
  const { call, reporter } = useStage()
  const participant = useStore(call, (snapshot) => personOf(snapshot, participantId), samePerson)
  const hand = useStore(call, (snapshot) => handPlace(snapshot, participantId))
  const level = useStore(call, (snapshot) => levelOf(snapshot, participantId))
  const mirrored = useStore(call, (snapshot) => snapshot.local.mirrored)
  const spotlit = useStore(call, (snapshot) => snapshot.meeting?.spotlightId === participantId)
  const reactions = useStore(
    call,
    (snapshot) => snapshot.reactions.filter((reaction) => reaction.participantId === participantId),
    sameItems,
  )
  const pinnedByMe = pinnedId === participantId
  const held = pinnedByMe || spotlit
  const self = participant?.isSelf ?? false
  const onCamera = useCallback(
    (element: HTMLElement, publicationId: string) =>
      self ? () => undefined : reporter.watch(element, publicationId, { pinned: held }),
    [reporter, held, self],
  )
  if (!participant) return null
  return (
    <Tile
      participant={participant}
      hand={hand}
      level={level}
      pinned={pinnedByMe ? 'me' : spotlit ? 'all' : null}
      mirrored={self && mirrored}
      reactions={reactions}
      size={size}
      style={style}
      onCamera={onCamera}
      actions={actions?.(participant)}
      onDoubleClick={() => onPin(pinnedByMe ? null : participantId)}
    />
  )
}

/** One's own camera is shown from the device, without a way over the network. */
function personOf(snapshot: CallSnapshot, id: string): ParticipantView | undefined {
  const participant = snapshot.participants.find((one) => one.id === id)
  if (!participant?.isSelf) return participant
  const { camera, cameraStream } = snapshot.local
  const showing = camera.state === 'on' && cameraStream !== null
  return {
    ...participant,
    camera: showing
      ? {
          id: participant.camera?.id ?? 'own',
          muted: false,
          paused: participant.camera?.paused ?? false,
          undecodable: false,
          stream: cameraStream,
        }
      : null,
  }
}

function samePerson(a: ParticipantView | undefined, b: ParticipantView | undefined): boolean {
  if (a === b || !a || !b) return a === b
  return (
    (Object.keys(a) as (keyof ParticipantView)[]).every((key) =>
      key === 'camera'
        ? a.camera?.stream === b.camera?.stream && a.camera?.id === b.camera?.id
        : a[key] === b[key],
    ) &&
    a.camera?.muted === b.camera?.muted &&
    a.camera?.paused === b.camera?.paused &&
    a.camera?.undecodable === b.camera?.undecodable
  )
}

function handPlace(snapshot: CallSnapshot, id: string): number | null {
  const at = snapshot.hands.findIndex((hand) => hand.participantId === id)
  return at < 0 ? null : at + 1
}

function levelOf(snapshot: CallSnapshot, id: string): number {
  const heard = snapshot.speakers.find((speaker) => speaker.participantId === id)?.level ?? 0
  return Math.round(heard * 4) / 4
}

function sameItems<T>(a: ReadonlyArray<T>, b: ReadonlyArray<T>): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
