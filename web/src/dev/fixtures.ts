import type {
  CallNotice,
  CallSnapshot,
  CallStats,
  LocalMedia,
  ParticipantView,
  ShareView,
} from '@/core/meeting/state'
import type { ContentHint, Permissions, Waiting } from '@/core/meeting/wire'
import { StateStore } from '@/core/store'
import { personStream, screenStream } from './figures'

/** What a scene is made of; read from the address of the page. */
export interface SceneOptions {
  people: number
  zh: boolean
  host: boolean
  shares: number
  ownShare: boolean
  /** Boards that are open; the first is presented. */
  boards: number
  lobby: number
  hands: number
  muted: boolean
  weak: boolean
  locked: boolean
  reconnecting: boolean
  notices: CallNotice['kind'][]
  audioBlocked: boolean
}

const english = [
  'Ana Ruiz',
  'Kenji Mori',
  'Priya Nair',
  'Samuel Okafor',
  'Chloé Martin',
  'Jonas Lind',
  'Li Wei',
  'Chengdu branch, room 2',
  'Daniel Park',
  'Hao Zhang',
  'Fatima Zahra',
  'Tom Becker',
  'Ines Costa',
]
const chinese = [
  '陈雨桐',
  '赵启明',
  '李慕白',
  '周静',
  '刘思涵',
  '欧阳若曦',
  '成都分公司会议室',
  '孙浩',
  '吴佳怡',
  '郑凯',
  '冯晓',
  '何子轩',
  '马腾',
]

const now = Date.now()
const all: Permissions = {
  publishMicrophone: true,
  publishCamera: true,
  share: true,
  draw: true,
  chat: true,
  rename: true,
  admit: true,
  moderate: true,
  changeSettings: true,
  assignRoles: true,
  end: true,
}
const few: Permissions = {
  ...all,
  admit: false,
  moderate: false,
  changeSettings: false,
  assignRoles: false,
  end: false,
}

function device(kind: MediaDeviceKind, deviceId: string, label: string): MediaDeviceInfo {
  return { kind, deviceId, label, groupId: '', toJSON: () => ({}) }
}

export function fixtureLocal(options: SceneOptions): LocalMedia {
  const { zh, muted } = options
  return {
    microphone: { state: muted ? 'muted' : 'on' },
    camera: { state: 'on' },
    devices: {
      microphones: [
        device('audioinput', 'm1', zh ? '内置麦克风' : 'Built-in microphone'),
        device('audioinput', 'm2', 'USB headset'),
      ],
      cameras: [
        device('videoinput', 'c1', zh ? '高清摄像头' : 'HD camera'),
        device('videoinput', 'c2', 'Conference camera'),
      ],
      speakers: [
        device('audiooutput', 's1', zh ? '无线耳机' : 'Wireless headphones'),
        device('audiooutput', 's2', 'Built-in speakers'),
      ],
    },
    selected: { microphoneId: 'm1', cameraId: 'c1', speakerId: 's1' },
    cameraStream: personStream(6),
    mirrored: true,
    level: muted ? 0 : 0.58,
    speakingWhileMuted: false,
    sharing: null,
    canSelectSpeaker: true,
    canShare: true,
  }
}

function participant(index: number, options: SceneOptions): ParticipantView {
  const { zh, muted, host } = options
  const self = index === 0
  const names = zh ? chinese : english
  const name = self
    ? zh
      ? '王思远'
      : 'Maya Chen'
    : `${names[(index - 1) % names.length]}${index > names.length ? ` ${Math.ceil(index / names.length)}` : ''}`
  const camera = !self && ![5, 8].includes(index % 14)
  const speaking = index === 1
  return {
    id: `p${index}`,
    userId: index % 13 === 9 ? undefined : `u${index}`,
    name,
    department: zh ? '市场部' : 'Marketing',
    role: self
      ? host
        ? 'host'
        : 'participant'
      : index === 1
        ? 'cohost'
        : index % 13 === 9
          ? 'guest'
          : 'participant',
    joinedAt: now - 1_400_000 + index,
    connection: options.reconnecting && index === 3 ? 'reconnecting' : 'connected',
    isSelf: self,
    microphone: {
      id: `m${index}`,
      muted: self ? muted : !speaking,
      paused: false,
      undecodable: false,
      stream: null,
    },
    camera: camera
      ? {
          id: `c${index}`,
          muted: false,
          paused: options.weak && index === 6,
          undecodable: false,
          stream: personStream(index - 1, index === 9),
        }
      : null,
    quality: options.weak && index === 4 ? { level: 'weak', reason: 'uplinkLoss' } : { level: 'good' },
    speaking,
  }
}

function share(index: number, own: boolean): ShareView {
  return {
    id: own ? 'own-share' : `share${index}`,
    participantId: own ? 'p0' : `p${index + 1}`,
    isSelf: own,
    video: { id: `screen${index}`, muted: false, paused: false, undecodable: false, stream: screenStream() },
    hint: 'text',
    hasAudio: false,
  }
}

function fixtureBoards({ boards, zh }: SceneOptions) {
  const titles = zh
    ? ['报销流程梳理', '第四季度复盘', '新人第一周']
    : ['Expense approval flow', 'Fourth-quarter retrospective', 'First week of a newcomer']
  return Array.from({ length: boards }, (_, index) => ({
    id: `sheet${index + 1}`,
    title: titles[index % titles.length] ?? '',
    openedBy: `p${index}`,
    openedByName: zh ? '王思远' : 'Maya Chen',
    openedAt: now - 60_000 * (index + 1),
  }))
}

export function fixtureSnapshot(options: SceneOptions): CallSnapshot {
  const { zh } = options
  const participants = Array.from({ length: options.people }, (_, index) => participant(index, options))
  const own = options.ownShare ? share(9, true) : null
  const shares = [
    ...Array.from({ length: options.shares }, (_, index) => share(index, false)),
    ...(own ? [own] : []),
  ]
  const hands = participants
    .slice(2, 2 + options.hands)
    .map((one, index) => ({ participantId: one.id, at: now - 130_000 + index * 30_000 }))
  const waiting: Waiting[] = [
    { id: 'w1', name: zh ? '潘晓东' : 'Daniel Park', guest: true, since: now - 60_000 },
    {
      id: 'w2',
      name: zh ? '张浩' : 'Hao Zhang',
      guest: false,
      department: zh ? '财务部' : 'Finance',
      since: now - 30_000,
    },
  ]
  return {
    call: options.reconnecting ? { phase: 'reconnecting', since: now } : { phase: 'joined' },
    meeting: {
      id: 'meeting',
      code: 'abc-defg-hij',
      title: zh ? '月度运营会' : 'Weekly product review',
      conversationId: 'conversation',
      startedAt: now - 1_458_000,
      lobby: true,
      locked: options.locked,
      guestsAllowed: true,
      whoMayShare: 'everyone',
      whoMayDraw: 'everyone',
      chatAllowed: true,
      boards: fixtureBoards(options),
      ...(options.boards > 0 ? { presentedBoardId: 'sheet1' } : {}),
    },
    self: 'p0',
    permissions: options.host ? all : few,
    participants: participants.map((one) => ({
      ...one,
      handAt: hands.find((hand) => hand.participantId === one.id)?.at,
    })),
    shares,
    lobby: waiting.slice(0, options.lobby),
    hands,
    speakers: [{ participantId: 'p1', level: 0.8 }],
    activeSpeakerId: 'p1',
    reactions: [],
    local: { ...fixtureLocal(options), sharing: own },
    notices: options.notices.map((kind) => ({
      key: kind,
      kind,
      by: 'p1',
      code: 'shareLimit',
      device: { id: 'm2', label: 'USB headset', kind: 'audioinput' },
    })),
    audioBlocked: options.audioBlocked,
    serverOffsetMs: 0,
  }
}

/** What the link of the fixture's meeting leads to. */
export function fixturePreview(zh: boolean, guest: boolean) {
  const [names, host] = zh ? [chinese, '陈雨桐'] : [english, 'Maya Chen']
  return {
    code: 'abc-defg-hij',
    title: zh ? '月度运营会' : 'Weekly product review',
    host: { name: host },
    status: 'running',
    cancelled: false,
    startsAt: null,
    startedAt: new Date(now - 240_000).toISOString(),
    participantCount: 8,
    participants: guest ? [] : names.slice(0, 3).map((name) => ({ name })),
    guestsAllowed: true,
    lobby: guest,
    signedIn: !guest,
    needsName: guest,
    canStart: !guest,
    recorded: false,
  } as const
}

/** A call without a network: every act changes the snapshot at once, as the server would. */
export class FixtureCall extends StateStore<CallSnapshot> {
  #reactions = 0

  leave(): void {
    this.update((s) => ({ ...s, call: { phase: 'ended', reason: 'left', joinedMs: 1_458_000 } }))
  }
  endForAll(): void {
    this.update((s) => ({ ...s, call: { phase: 'ended', reason: 'ended', joinedMs: 1_458_000 } }))
  }
  dismissNotice(key: string): void {
    this.update((s) => ({ ...s, notices: s.notices.filter((notice) => notice.key !== key) }))
  }
  async resumeAudio(): Promise<void> {
    this.update((s) => ({ ...s, audioBlocked: false }))
  }
  toggleMicrophone(): void {
    this.setMicrophone(this.getSnapshot().local.microphone.state !== 'on')
  }
  setMicrophone(on: boolean): void {
    this.update((s) => ({ ...s, local: { ...s.local, microphone: { state: on ? 'on' : 'muted' } } }))
    this.#person('p0', (one) => ({ ...one, microphone: one.microphone && { ...one.microphone, muted: !on } }))
  }
  toggleCamera(): void {
    this.setCamera(this.getSnapshot().local.camera.state !== 'on')
  }
  setCamera(on: boolean): void {
    this.update((s) => ({ ...s, local: { ...s.local, camera: { state: on ? 'on' : 'off' } } }))
  }
  async startShare(): Promise<void> {
    const own = share(9, true)
    this.update((s) => ({ ...s, shares: [...s.shares, own], local: { ...s.local, sharing: own } }))
  }
  stopShare(): void {
    this.update((s) => ({
      ...s,
      shares: s.shares.filter((one) => !one.isSelf),
      local: { ...s.local, sharing: null },
    }))
  }
  setHint(hint: ContentHint): void {
    this.update((s) => ({
      ...s,
      shares: s.shares.map((one) => (one.isSelf ? { ...one, hint } : one)),
      local: { ...s.local, sharing: s.local.sharing && { ...s.local.sharing, hint } },
    }))
  }
  raiseHand(up: boolean): void {
    this.update((s) => ({
      ...s,
      hands: up
        ? [...s.hands, { participantId: 'p0', at: Date.now() }]
        : s.hands.filter((hand) => hand.participantId !== 'p0'),
    }))
  }
  react(emoji: string): void {
    const key = ++this.#reactions
    this.update((s) => ({
      ...s,
      reactions: [...s.reactions, { key, participantId: 'p0', emoji, at: Date.now() }],
    }))
    window.setTimeout(
      () => this.update((s) => ({ ...s, reactions: s.reactions.filter((one) => one.key !== key) })),
      5000,
    )
  }
  async rename(name: string): Promise<void> {
    this.#person('p0', (one) => ({ ...one, name }))
  }
  admit(ids: string[] | 'all'): void {
    this.update((s) => ({ ...s, lobby: ids === 'all' ? [] : s.lobby.filter((one) => !ids.includes(one.id)) }))
  }
  refuse(ids: string[]): void {
    this.admit(ids)
  }
  mute(participantId: string): void {
    this.#person(participantId, (one) => ({
      ...one,
      speaking: false,
      microphone: one.microphone && { ...one.microphone, muted: true },
    }))
  }
  muteAll(): void {
    for (const one of this.getSnapshot().participants) if (!one.isSelf) this.mute(one.id)
  }
  askUnmute(): void {}
  remove(participantId: string): void {
    this.update((s) => ({ ...s, participants: s.participants.filter((one) => one.id !== participantId) }))
  }
  lowerHand(participantId?: string): void {
    this.update((s) => ({
      ...s,
      hands: participantId ? s.hands.filter((hand) => hand.participantId !== participantId) : [],
    }))
  }
  setRole(participantId: string, role: 'cohost' | 'participant'): void {
    this.#person(participantId, (one) => ({ ...one, role }))
  }
  transferHost(participantId: string): void {
    this.#person(participantId, (one) => ({ ...one, role: 'host' }))
  }
  spotlight(participantId: string | null): void {
    this.update((s) => ({
      ...s,
      meeting: s.meeting && { ...s.meeting, spotlightId: participantId ?? undefined },
    }))
  }
  presentBoard(boardId: string | null): void {
    this.update((s) => ({
      ...s,
      meeting: s.meeting && { ...s.meeting, presentedBoardId: boardId ?? undefined },
    }))
  }
  updateSettings(change: object): void {
    this.update((s) => ({ ...s, meeting: s.meeting && { ...s.meeting, ...change } }))
  }
  setView(): void {}
  async stats(): Promise<CallStats> {
    const stream = {
      publicationId: 'c1',
      participantId: 'p1',
      codec: 'VP8',
      bitsPerSecond: 640_000,
      width: 640,
      height: 360,
      framesPerSecond: 30,
      loss: 0,
      jitterMs: 4,
    }
    return {
      roundTripMs: 24,
      uplinkLoss: 0.004,
      downlinkLoss: 0,
      upBitsPerSecond: 1_240_000,
      downBitsPerSecond: 3_420_000,
      availableUpBitsPerSecond: 4_000_000,
      transport: 'udp',
      streams: [
        { ...stream, source: 'camera', direction: 'up', participantId: null },
        { ...stream, publicationId: 'c2', source: 'camera', direction: 'down' },
        {
          ...stream,
          publicationId: 'm2',
          source: 'microphone',
          direction: 'down',
          codec: 'opus',
          bitsPerSecond: 32_000,
          width: 0,
          height: 0,
        },
      ],
    }
  }

  #person(id: string, change: (one: ParticipantView) => ParticipantView): void {
    this.update((s) => ({
      ...s,
      participants: s.participants.map((one) => (one.id === id ? change(one) : one)),
    }))
  }
}

/** Devices that only remember what was chosen. */
export class FixtureDevices extends StateStore<LocalMedia> {
  async start(): Promise<void> {}
  stop(): void {}
  async setMicrophone(on: boolean): Promise<void> {
    this.update((s) => ({ ...s, microphone: { state: on ? 'on' : 'muted' } }))
  }
  async setCamera(on: boolean): Promise<void> {
    this.update((s) => ({ ...s, camera: { state: on ? 'on' : 'off' } }))
  }
  async selectMicrophone(microphoneId: string): Promise<void> {
    this.update((s) => ({ ...s, selected: { ...s.selected, microphoneId } }))
  }
  async selectCamera(cameraId: string): Promise<void> {
    this.update((s) => ({ ...s, selected: { ...s.selected, cameraId } }))
  }
  async selectSpeaker(speakerId: string): Promise<void> {
    this.update((s) => ({ ...s, selected: { ...s.selected, speakerId } }))
  }
  async flipCamera(): Promise<void> {}
  async testSpeaker(): Promise<void> {}
}
